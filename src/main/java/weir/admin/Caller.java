package weir.admin;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import weir.http.ClientStream;
import weir.http.Fields;
import weir.http.KnownField;
import weir.http.RequestHead;

/**
 * Who asks, as far as protection goes. Immutable.
 *
 * @param peer the TCP peer
 * @param host the name the caller used for us, without port; empty when it sent none
 * @param authorization the Authorization field
 * @param origin the Origin field: a web page of that origin asks
 * @param fetchSite the Sec-Fetch-Site field: how a browser says where the page came from
 * @param forwarded whether a proxy passed the request on, so that the peer says nothing of who asks
 */
record Caller(
        InetAddress peer,
        String host,
        @Nullable String authorization,
        @Nullable String origin,
        @Nullable String fetchSite,
        boolean forwarded) {
    private static final byte[] AUTHORIZATION = bytes("authorization");
    private static final byte[] ORIGIN = bytes("origin");
    private static final byte[] FETCH_SITE = bytes("sec-fetch-site");

    /** Who sent this request. */
    static Caller of(ClientStream stream, RequestHead head) {
        Fields fields = head.fields();
        return new Caller(
                stream.peer().getAddress(),
                head.text(head.host()),
                value(fields, AUTHORIZATION),
                value(fields, ORIGIN),
                value(fields, FETCH_SITE),
                fields.has(KnownField.X_FORWARDED_FOR)
                        || fields.has(KnownField.FORWARDED)
                        || fields.has(KnownField.VIA));
    }

    /** Whether the request was made on this machine, not passed on from elsewhere. */
    boolean local() {
        return !forwarded && loopbackPeer();
    }

    /** Whether the connection comes from this machine, whoever asks by it. */
    boolean loopbackPeer() {
        return loopback(peer);
    }

    /** Whether the name used for us is a loopback one: no name of somebody's DNS that was bent to here. */
    boolean loopbackHost() {
        String name = host.toLowerCase(Locale.ROOT);
        if (name.equals("localhost") || name.equals("::1") || name.equals("[::1]")) {
            return true;
        }
        return name.startsWith("127.") && NetUtil.isValidIpV4Address(name);
    }

    private static boolean loopback(InetAddress address) {
        byte[] a = address.getAddress();
        if (a.length != 16 || a[10] != -1 || a[11] != -1 || a[12] != 127) {
            return address.isLoopbackAddress();
        }
        for (int i = 0; i < 10; i++) {
            if (a[i] != 0) {
                return false;
            }
        }
        return true;
    }

    private static @Nullable String value(Fields fields, byte[] name) {
        int i = fields.find(name);
        return i < 0 ? null : fields.value(i);
    }

    private static byte[] bytes(String ascii) {
        return ascii.getBytes(java.nio.charset.StandardCharsets.US_ASCII);
    }
}
