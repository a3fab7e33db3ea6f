package weir.http;

import io.netty.util.NetUtil;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Hosts that a certificate covers: its DNS names, of which {@code *.} stands for one label (RFC 9525 section 6.3), and
 * its IP addresses. Immutable. A look-up is O(names) and allocates only for addresses of IPv6.
 */
public final class CertificateNames {
    private final byte[][] exact;
    private final byte[][] suffixes;
    private final byte[][] addresses;

    /** Names of a certificate, addresses as text among them. */
    public CertificateNames(List<String> names) {
        List<byte[]> plain = new ArrayList<>();
        List<byte[]> wild = new ArrayList<>();
        List<byte[]> numbers = new ArrayList<>();
        for (String name : names) {
            byte[] text = name.toLowerCase(Locale.ROOT).getBytes(StandardCharsets.ISO_8859_1);
            byte[] number = name.indexOf(':') < 0 ? null : NetUtil.createByteArrayFromIpAddressString(name);
            if (number != null) {
                numbers.add(number);
            } else if (name.startsWith("*.")) {
                wild.add(Arrays.copyOfRange(text, 1, text.length));
            } else {
                plain.add(text);
            }
        }
        exact = plain.toArray(byte[][]::new);
        suffixes = wild.toArray(byte[][]::new);
        addresses = numbers.toArray(byte[][]::new);
    }

    /** Whether the certificate is for that host, a range without port and trailing dot. */
    public boolean cover(byte[] array, Span host) {
        int start = host.start();
        int length = host.length();
        if (length > 0 && array[start] == '[') {
            return coverAddress(new String(array, start, length, StandardCharsets.ISO_8859_1));
        }
        if (isOneOf(exact, array, start, length)) {
            return true;
        }
        int dot = start;
        while (dot < start + length && array[dot] != '.') {
            dot++;
        }
        return dot > start && isOneOf(suffixes, array, dot, start + length - dot);
    }

    private static boolean isOneOf(byte[][] names, byte[] array, int start, int length) {
        for (byte[] name : names) {
            if (name.length == length && FieldSyntax.equalsIgnoreCase(array, start, name)) {
                return true;
            }
        }
        return false;
    }

    private boolean coverAddress(String host) {
        byte @Nullable [] number = NetUtil.createByteArrayFromIpAddressString(host);
        for (byte[] address : addresses) {
            if (Arrays.equals(address, number)) {
                return true;
            }
        }
        return false;
    }
}
