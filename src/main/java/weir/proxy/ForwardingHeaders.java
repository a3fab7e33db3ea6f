package weir.proxy;

import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.random.RandomGenerator;
import weir.config.Cidr;
import weir.http.ClientStream;
import weir.http.FieldSyntax;
import weir.http.Fields;
import weir.http.KnownField;
import weir.http.Protocol;
import weir.http.RequestHead;
import weir.http.Span;

/**
 * Leaves out of a forwarded request what belongs to the client's connection (RFC 9110 section 7.6.1), and tells the
 * backend who called: X-Forwarded-*, Forwarded (RFC 7239), Via (RFC 9110 section 7.6.3), X-Request-Id. What an
 * untrusted peer says of these is replaced. All that Weir says is added anew, never left as received, so that no
 * {@code Connection} field can take it out again. Immutable; made once for each configuration. For untrusted peers
 * it allocates once a connection, if that has a second request.
 */
public final class ForwardingHeaders {
    private static final byte[] FORWARDED_PREFIX = ascii("x-forwarded-");
    private static final byte[] HTTP = ascii("http");
    private static final byte[] HTTPS = ascii("https");
    private static final byte[] SEPARATOR = ascii(", ");
    static final byte[] FOR = ascii("for=");
    static final byte[] V6_OPEN = ascii("\"[");
    static final byte[] V6_CLOSE = ascii("]\"");
    static final byte[] HOST = ascii(";host=\"");
    static final byte[] QUOTE = ascii("\"");
    static final byte[] PROTO = ascii(";proto=");
    private static final byte[][] VIA = new byte[Protocol.values().length][];
    private static final int LONGEST_ID = 128;

    static {
        for (Protocol protocol : Protocol.values()) {
            String version = protocol.text().substring("HTTP/".length());
            VIA[protocol.ordinal()] = ascii(version + " weir");
        }
    }

    private final TrustedProxies trusted;
    private final ForwardedHops hops;

    /** Headers for a configuration's {@code trusted-proxies}. */
    public ForwardingHeaders(List<Cidr> trustedProxies) {
        trusted = new TrustedProxies(trustedProxies);
        hops = new ForwardedHops(trusted);
    }

    /** Whether the word of that peer on its client is taken. */
    public boolean trusts(InetSocketAddress peer) {
        return trusted.contain(peer.getAddress());
    }

    /** Finds client address and request id, once for each exchange and before {@link #apply}. */
    void identify(RequestHead head, ClientStream stream, ExchangeRecord record, RandomGenerator random) {
        boolean trustedPeer = trusts(stream.peer());
        if (trustedPeer) {
            Span client = new Span();
            if (client(head, client)) {
                record.clientInHead(client.start(), client.length());
            }
        }
        int id = requestId(head, trustedPeer, random);
        record.idInHead(head.fields().valueStart(id), head.fields().valueLength(id));
    }

    /** Makes the fields what the backend shall see; the head is as received, its edits undone. */
    void apply(RequestHead head, ClientStream stream, ForwardedLines peer) {
        apply(head, trusts(stream.peer()), stream.secure(), peer);
    }

    /** The client that a trusted peer names; false when it names none and is the client itself. */
    boolean client(RequestHead head, Span client) {
        return hops.client(head.fields(), client);
    }

    /**
     * The index of the field with the request id: the one a trusted peer sent, if it is one token of at most 128 bytes,
     * else one of 128 random bits that is indexed behind the received fields, so that every attempt sends the same.
     */
    int requestId(RequestHead head, boolean trustedPeer, RandomGenerator random) {
        Fields fields = head.fields();
        int sent = fields.first(KnownField.X_REQUEST_ID);
        if (trustedPeer && sent >= 0 && fields.next(sent) < 0 && isSane(fields, sent)) {
            return sent;
        }
        byte[] name = KnownField.X_REQUEST_ID.bytes();
        int nameStart = fields.append(name, 0, name.length);
        int valueStart = fields.appendHex(random.nextLong(), random.nextLong());
        return fields.index(nameStart, name.length, valueStart, fields.length() - valueStart);
    }

    private static boolean isSane(Fields fields, int i) {
        int start = fields.valueStart(i);
        int length = fields.valueLength(i);
        return length <= LONGEST_ID && FieldSyntax.isToken(fields.array(), start, start + length);
    }

    /** Makes the fields what the backend shall see. */
    void apply(RequestHead head, boolean trustedPeer, boolean secure, ForwardedLines peer) {
        Fields fields = head.fields();
        HopByHopFields.drop(fields);
        fields.drop(KnownField.PROXY); // CGI programs would take it for HTTP_PROXY (httpoxy, CVE-2016-5385)
        int id = last(fields, KnownField.X_REQUEST_ID);
        if (!trustedPeer) {
            dropForwarded(fields);
            if (peer.add(head, id, secure)) {
                fields.drop(KnownField.X_REQUEST_ID);
                fields.drop(KnownField.FORWARDED);
                return;
            }
        }
        if (id >= 0) {
            replace(fields, KnownField.X_REQUEST_ID, fields.valueStart(id), fields.valueLength(id));
        }
        byte[] address = peer.address();
        extend(fields, KnownField.VIA, true).value(via(head));
        extend(fields, KnownField.X_FORWARDED_FOR, trustedPeer).value(address);
        forwarded(head, trustedPeer, secure, address);
        if (!keep(fields, KnownField.X_FORWARDED_PROTO, trustedPeer)) {
            fields.add(KnownField.X_FORWARDED_PROTO).value(scheme(secure));
        }
        if (!keep(fields, KnownField.X_FORWARDED_HOST, trustedPeer) && hostLength(head) > 0) {
            replace(fields, KnownField.X_FORWARDED_HOST, hostStart(head), hostLength(head));
        }
        keep(fields, KnownField.X_FORWARDED_PORT, trustedPeer);
    }

    /** What {@code Via} says of Weir behind a request of that version. */
    static byte[] via(RequestHead head) {
        return VIA[head.protocol().ordinal()];
    }

    static byte[] scheme(boolean secure) {
        return secure ? HTTPS : HTTP;
    }

    /** Drops every X-Forwarded-* field, also those we do not know but a backend may. */
    private static void dropForwarded(Fields fields) {
        int length = FORWARDED_PREFIX.length;
        for (int i = 0, n = fields.received(); i < n; i++) {
            if (fields.nameLength(i) > length
                    && FieldSyntax.equalsIgnoreCase(fields.array(), fields.nameStart(i), FORWARDED_PREFIX)) {
                fields.drop(i);
            }
        }
    }

    private static void forwarded(RequestHead head, boolean trustedPeer, boolean secure, byte[] peer) {
        Fields fields = extend(head.fields(), KnownField.FORWARDED, trustedPeer).value(FOR);
        if (isV6(peer)) {
            fields.value(V6_OPEN).value(peer).value(V6_CLOSE);
        } else {
            fields.value(peer);
        }
        if (hostIsQuotable(head)) {
            fields.value(HOST)
                    .value(fields.array(), hostStart(head), hostLength(head))
                    .value(QUOTE);
        }
        fields.value(PROTO).value(scheme(secure));
    }

    static boolean isV6(byte[] address) {
        for (byte b : address) {
            if (b == ':') {
                return true;
            }
        }
        return false;
    }

    /** Whether there is a host that can stand between quotes as it is. */
    static boolean hostIsQuotable(RequestHead head) {
        byte[] a = head.fields().array();
        int start = hostStart(head);
        int end = start + hostLength(head);
        for (int i = start; i < end; i++) {
            if (!FieldSyntax.isTargetByte(a[i]) || a[i] == '"' || a[i] == '\\') {
                return false;
            }
        }
        return end > start;
    }

    // The Host as received: forwardedHost may be another one by now.
    static int hostStart(RequestHead head) {
        int i = head.fields().first(KnownField.HOST);
        return i < 0 ? head.host().start() : head.fields().valueStart(i);
    }

    static int hostLength(RequestHead head) {
        int i = head.fields().first(KnownField.HOST);
        return i < 0 ? head.host().length() : head.fields().valueLength(i);
    }

    /** Drops the received lines and adds one that holds their values, to be extended. */
    private static Fields extend(Fields fields, KnownField field, boolean keep) {
        fields.add(field);
        for (int i = fields.first(field); keep && i >= 0; i = fields.next(i)) {
            if (fields.valueLength(i) > 0) {
                fields.value(fields.array(), fields.valueStart(i), fields.valueLength(i));
                fields.value(SEPARATOR);
            }
        }
        fields.drop(field);
        return fields;
    }

    /** Adds the last received value anew, if it is to be kept and there is one; drops the received lines. */
    private static boolean keep(Fields fields, KnownField field, boolean trustedPeer) {
        int i = trustedPeer ? last(fields, field) : -1;
        if (i < 0 || fields.valueLength(i) == 0) {
            fields.drop(field);
            return false;
        }
        replace(fields, field, fields.valueStart(i), fields.valueLength(i));
        return true;
    }

    private static void replace(Fields fields, KnownField field, int valueStart, int valueLength) {
        fields.add(field).value(fields.array(), valueStart, valueLength);
        fields.drop(field);
    }

    private static int last(Fields fields, KnownField field) {
        int last = -1;
        for (int i = fields.first(field); i >= 0; i = fields.next(i)) {
            last = i;
        }
        return last;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
