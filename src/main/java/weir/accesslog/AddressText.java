package weir.accesslog;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;

/** Addresses as the access log has them, as ASCII bytes. Made once for each connection: it allocates. */
public final class AddressText {
    private AddressText() {}

    /** The IP address without port, scope and brackets. */
    public static byte[] address(InetSocketAddress address) {
        return ip(address).getBytes(StandardCharsets.US_ASCII);
    }

    /** The IP address and port; IPv6 in brackets. */
    public static byte[] withPort(InetSocketAddress address) {
        String ip = ip(address);
        String host = ip.indexOf(':') < 0 ? ip : '[' + ip + ']';
        return (host + ':' + address.getPort()).getBytes(StandardCharsets.US_ASCII);
    }

    private static String ip(InetSocketAddress address) {
        InetAddress ip = address.getAddress();
        if (ip == null) {
            return address.getHostString();
        }
        String text = ip.getHostAddress();
        int scope = text.indexOf('%');
        return scope < 0 ? text : text.substring(0, scope);
    }
}
