package weir.proxy;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import weir.http.FieldLines;
import weir.http.Fields;
import weir.http.KnownField;
import weir.http.Protocol;
import weir.http.RequestHead;

/**
 * What {@link ForwardingHeaders} tells of one client that is not trusted, from its second request on put together
 * beforehand: of requests of one version and scheme, only id and host differ. Confined to one event loop.
 */
final class ForwardedLines {
    private static final byte[] ID = new byte[32];
    private static final byte[][] BEHIND_HOST = {behindHost(false), behindHost(true)};
    private static final FieldLines[] LAST = {last(false), last(true)};

    static {
        Arrays.fill(ID, (byte) '0');
    }

    private final byte[] address;
    private boolean used;
    private @Nullable FieldLines first;
    private @Nullable Protocol protocol;

    /** Those of a client with that IP address, without brackets. */
    ForwardedLines(byte[] address) {
        this.address = address;
    }

    byte[] address() {
        return address;
    }

    /**
     * Adds every field to a head without one that would have to be kept; {@code id} is the index of its request id.
     * False, and nothing added, if they must be put together for this one.
     */
    boolean add(RequestHead head, int id, boolean secure) {
        Fields fields = head.fields();
        if (!used) {
            used = true; // a connection with a single request would only lose by it
            return false;
        }
        if (id < 0
                || fields.valueLength(id) != ID.length
                || fields.has(KnownField.VIA)
                || !ForwardingHeaders.hostIsQuotable(head)) {
            return false;
        }
        int host = ForwardingHeaders.hostStart(head);
        int hostLength = ForwardingHeaders.hostLength(head);
        int scheme = secure ? 1 : 0;
        int added = fields.add(first(head));
        fields.overwrite(added, fields.valueStart(id));
        fields.value(fields.array(), host, hostLength).value(BEHIND_HOST[scheme]);
        fields.add(LAST[scheme]);
        fields.value(fields.array(), host, hostLength);
        return true;
    }

    private FieldLines first(RequestHead head) {
        FieldLines made = first;
        if (made == null || protocol != head.protocol()) {
            made = new FieldLines(4)
                    .add(KnownField.X_REQUEST_ID, ID)
                    .add(KnownField.VIA, ForwardingHeaders.via(head))
                    .add(KnownField.X_FORWARDED_FOR, address)
                    .add(KnownField.FORWARDED, upToHost());
            first = made;
            protocol = head.protocol();
        }
        return made;
    }

    private byte[][] upToHost() {
        return ForwardingHeaders.isV6(address)
                ? new byte[][] {
                    ForwardingHeaders.FOR,
                    ForwardingHeaders.V6_OPEN,
                    address,
                    ForwardingHeaders.V6_CLOSE,
                    ForwardingHeaders.HOST
                }
                : new byte[][] {ForwardingHeaders.FOR, address, ForwardingHeaders.HOST};
    }

    private static byte[] behindHost(boolean secure) {
        return join(ForwardingHeaders.QUOTE, ForwardingHeaders.PROTO, ForwardingHeaders.scheme(secure));
    }

    private static FieldLines last(boolean secure) {
        return new FieldLines(2)
                .add(KnownField.X_FORWARDED_PROTO, ForwardingHeaders.scheme(secure))
                .add(KnownField.X_FORWARDED_HOST);
    }

    private static byte[] join(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }
}
