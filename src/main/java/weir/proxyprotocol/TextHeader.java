package weir.proxyprotocol;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** The line of version 1 (proxy-protocol.txt, section 2.1): {@code PROXY TCP4 192.0.2.1 192.0.2.2 56324 443}. */
final class TextHeader {
    private static final String UNKNOWN = "PROXY UNKNOWN";

    private TextHeader() {}

    /** Reads a line without its end; null when it is not allowed. */
    static @Nullable ProxyHeader read(byte[] line) {
        String text = new String(line, StandardCharsets.US_ASCII);
        if (text.equals(UNKNOWN) || text.startsWith(UNKNOWN + ' ')) {
            return ProxyHeader.NOBODY; // whatever else stands there is ignored
        }
        String[] words = text.split(" ", -1);
        if (words.length != 6) {
            return null;
        }
        int bytes = words[1].equals("TCP4") ? 4 : words[1].equals("TCP6") ? 16 : 0;
        InetSocketAddress source = address(words[2], words[4], bytes);
        InetSocketAddress destination = address(words[3], words[5], bytes);
        return source == null || destination == null ? null : new ProxyHeader(source, destination);
    }

    private static @Nullable InetSocketAddress address(String host, String port, int bytes) {
        int number = port(port);
        if (number < 0 || !(bytes == 4 ? isV4(host) : bytes == 16 && isV6(host))) {
            return null;
        }
        byte[] address = NetUtil.createByteArrayFromIpAddressString(host);
        try {
            return address == null || address.length != bytes
                    ? null
                    : new InetSocketAddress(InetAddress.getByAddress(address), number);
        } catch (UnknownHostException e) {
            throw new IllegalStateException("address of " + bytes + " bytes", e);
        }
    }

    /** Four decimal numbers without leading zeros. */
    private static boolean isV4(String host) {
        String[] numbers = host.split("\\.", -1);
        for (String number : numbers) {
            int value = number(number, 255);
            if (value < 0) {
                return false;
            }
        }
        return numbers.length == 4;
    }

    /** Hexadecimal and colons, also with an IPv4 address at the end; no brackets, no scope. */
    private static boolean isV6(String host) {
        return host.indexOf(':') >= 0
                && host.chars()
                        .allMatch(c -> c >= '0' && c <= '9'
                                || c >= 'a' && c <= 'f'
                                || c >= 'A' && c <= 'F'
                                || c == ':'
                                || c == '.');
    }

    private static int port(String text) {
        return number(text, 65_535);
    }

    /** A decimal number without sign and leading zeros; -1 for none. */
    private static int number(String text, int most) {
        if (text.isEmpty() || text.length() > 5 || text.length() > 1 && text.charAt(0) == '0') {
            return -1;
        }
        int value = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < '0' || c > '9') {
                return -1;
            }
            value = value * 10 + c - '0';
        }
        return value > most ? -1 : value;
    }

    /** The line of a connection, with its end; addresses are of one family. */
    static byte[] write(@Nullable InetAddress source, int sourcePort, @Nullable InetAddress destination, int port) {
        if (source == null || destination == null) {
            return ascii(UNKNOWN + "\r\n");
        }
        boolean v6 = source.getAddress().length == 16 || destination.getAddress().length == 16;
        return ascii("PROXY " + (v6 ? "TCP6 " : "TCP4 ") + host(source, v6) + ' ' + host(destination, v6) + ' '
                + sourcePort + ' ' + port + "\r\n");
    }

    private static String host(InetAddress address, boolean v6) {
        String text = NetUtil.toAddressString(address);
        return v6 && address.getAddress().length == 4 ? "::ffff:" + text : text;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
