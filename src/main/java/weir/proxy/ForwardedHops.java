package weir.proxy;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import weir.http.Fields;
import weir.http.KnownField;
import weir.http.Span;

/**
 * Finds the client among the hops of X-Forwarded-For, from the right, where each hop was written by the one after it:
 * a hop is believed as long as its writer is trusted. A hop that is no address (obfuscated, garbage) ends the walk.
 * Immutable; allocates, so it is asked only for trusted peers.
 */
final class ForwardedHops {
    private static final int LONGEST = "[ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255]:65535".length();

    private final TrustedProxies trusted;

    ForwardedHops(TrustedProxies trusted) {
        this.trusted = trusted;
    }

    /**
     * Sets {@code client} to the address, without port and brackets, of the first hop that is not trusted, or of the
     * last one that could be believed; false when there is none and the client is the peer.
     */
    boolean client(Fields fields, Span client) {
        boolean found = false;
        for (int i = fields.received() - 1; i >= 0; i--) {
            if (fields.known(i) != KnownField.X_FORWARDED_FOR) {
                continue;
            }
            int start = fields.valueStart(i);
            int end = start + fields.valueLength(i);
            while (end > start) {
                int from = behindComma(fields.array(), start, end);
                Span hop = trim(fields.array(), from, end);
                end = from - 1;
                if (hop.isEmpty()) {
                    continue;
                }
                InetAddress address = address(fields.array(), hop);
                if (address == null) {
                    return found;
                }
                client.set(hop);
                found = true;
                if (!trusted.contain(address)) {
                    return true;
                }
            }
        }
        return found;
    }

    private static int behindComma(byte[] a, int start, int end) {
        int i = end;
        while (i > start && a[i - 1] != ',') {
            i--;
        }
        return i;
    }

    private static Span trim(byte[] a, int start, int end) {
        int from = start;
        int to = end;
        while (from < to && (a[from] == ' ' || a[from] == '\t')) {
            from++;
        }
        while (to > from && (a[to - 1] == ' ' || a[to - 1] == '\t')) {
            to--;
        }
        Span span = new Span();
        span.set(from, to - from);
        return span;
    }

    /** The address of a hop, with or without port, whose range is cut to the address alone; null when it is none. */
    private static @Nullable InetAddress address(byte[] a, Span hop) {
        if (hop.length() > LONGEST) {
            return null;
        }
        String text = new String(a, hop.start(), hop.length(), StandardCharsets.ISO_8859_1);
        boolean bracketed = text.charAt(0) == '[';
        int colon = text.indexOf(':');
        int end = bracketed ? text.indexOf(']') : colon == text.lastIndexOf(':') ? colon : -1;
        String host = text.substring(bracketed ? 1 : 0, end < 0 ? text.length() : end);
        String rest = end < 0 ? "" : text.substring(bracketed ? end + 1 : end);
        if (bracketed && (end < 0 || host.indexOf(':') < 0) || !rest.isEmpty() && !rest.matches(":[0-9]{1,5}")) {
            return null;
        }
        hop.set(hop.start() + (bracketed ? 1 : 0), host.length());
        return literal(host);
    }

    private static @Nullable InetAddress literal(String host) {
        boolean v6 = host.indexOf(':') >= 0;
        // Zeros in front are octal for some readers and decimal for others.
        if (v6 ? host.indexOf('%') >= 0 || host.indexOf('[') >= 0 : host.matches("(.*\\.)?0[0-9].*")) {
            return null;
        }
        byte[] bytes = NetUtil.createByteArrayFromIpAddressString(host);
        try {
            return bytes == null ? null : InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            return null;
        }
    }
}
