package weir.http;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Brings a path to the one form that is matched and forwarded (RFC 3986 sections 6.2.2.1 to 6.2.2.3): characters that a
 * path must not contain, such as a backslash, are percent-encoded; percent-encoded unreserved characters are decoded, other
 * escapes kept with their hex digits in upper case; then dot segments are removed. {@code %2F}, {@code %5C} and {@code //} stay as they are. Normalising twice changes nothing. O(n); nothing
 * is copied when the path is in this form already. Stateless.
 */
public final class PathNormalizer {
    private static final int INVALID = -1;

    private PathNormalizer() {}

    /**
     * Replaces {@link RequestHead#path()} by the normalised path and sets {@link RequestHead#forwardedPath()} to the
     * same range. {@code *} is left alone; an empty path, as in {@code http://example.com}, becomes {@code /}.
     *
     * @return false when the request must be answered 400: an escape without two hex digits, {@code %00}, a dot
     *     segment above the root, or a path that does not begin with a slash
     */
    public static boolean normalize(RequestHead head) {
        Span path = head.path();
        Fields fields = head.fields();
        if (path.isEmpty()) {
            byte[] root = {'/'};
            path.set(fields.append(root, 0, 1), 1);
        } else if (fields.array()[path.start()] != '/') {
            if (path.length() != 1 || fields.array()[path.start()] != '*') {
                return false;
            }
        } else if (!isNormal(fields.array(), path.start(), path.end())) {
            int start = appendEncoded(fields, path);
            int end = rewrite(fields.array(), start, fields.length());
            if (end == INVALID) {
                fields.truncate(start);
                return false;
            }
            fields.truncate(end);
            path.set(start, end - start);
        }
        head.forwardedPath().set(path);
        return true;
    }

    /**
     * The normalised form of a path written in the configuration, in which bytes that no request target may hold
     * (space, UTF-8) are percent-encoded first; null when the path is invalid or holds a query or a fragment.
     */
    public static @Nullable String normalize(String path) {
        StringBuilder encoded = new StringBuilder(path.length());
        for (byte b : path.getBytes(StandardCharsets.UTF_8)) {
            if (b == '?' || b == '#' || b >= 0 && b < ' ' || b == 0x7f) {
                return null;
            } else if (b == '%' || FieldSyntax.isPathByte(b)) {
                encoded.append((char) b);
            } else {
                encoded.append('%').append(digit(b >> 4)).append(digit(b));
            }
        }
        byte[] bytes = encoded.toString().getBytes(StandardCharsets.US_ASCII);
        if (bytes.length == 0 || bytes[0] != '/') {
            return null;
        }
        int end = rewrite(bytes, 0, bytes.length);
        return end == INVALID ? null : new String(bytes, 0, end, StandardCharsets.US_ASCII);
    }

    /** Appends a copy in which bytes that a path may not hold are percent-encoded. Returns where it starts. */
    private static int appendEncoded(Fields fields, Span path) {
        int start = fields.length();
        int end = path.end();
        int from = path.start();
        for (int i = from; i < end; i++) {
            byte b = fields.array()[i];
            if (b != '%' && !FieldSyntax.isPathByte(b)) {
                fields.append(fields.array(), from, i - from);
                byte[] escape = {'%', (byte) digit(b >> 4), (byte) digit(b)};
                fields.append(escape, 0, escape.length);
                from = i + 1;
            }
        }
        fields.append(fields.array(), from, end - from);
        return start;
    }

    private static boolean isNormal(byte[] a, int start, int end) {
        for (int i = start; i < end; i++) {
            byte b = a[i];
            if (b == '%') {
                if (!isKeptEscape(a, i, end)) {
                    return false;
                }
                i += 2;
            } else if (!FieldSyntax.isPathByte(b) || b == '.' && a[i - 1] == '/' && isDotSegment(a, i, end)) {
                return false;
            }
        }
        return true;
    }

    private static boolean isKeptEscape(byte[] a, int i, int end) {
        if (end - i < 3 || !isUpperHex(a[i + 1]) || !isUpperHex(a[i + 2])) {
            return false;
        }
        int value = hex(a[i + 1]) << 4 | hex(a[i + 2]);
        return value != 0 && !isUnreserved(value);
    }

    private static boolean isDotSegment(byte[] a, int i, int end) {
        int next = i + 1;
        if (next < end && a[next] == '.') {
            next++;
        }
        return next == end || a[next] == '/';
    }

    /** Rewrites the range in place, which only makes it shorter. Returns its new end. */
    private static int rewrite(byte[] a, int start, int end) {
        int decodedEnd = decode(a, start, end);
        return decodedEnd == INVALID ? INVALID : removeDotSegments(a, start, decodedEnd);
    }

    private static int decode(byte[] a, int start, int end) {
        int out = start;
        for (int i = start; i < end; i++) {
            byte b = a[i];
            if (b != '%') {
                a[out++] = b;
                continue;
            }
            if (end - i < 3) {
                return INVALID;
            }
            int high = hex(a[i + 1]);
            int low = hex(a[i + 2]);
            int value = high << 4 | low;
            if (high < 0 || low < 0 || value == 0) {
                return INVALID;
            }
            if (isUnreserved(value)) {
                a[out++] = (byte) value;
            } else {
                a[out++] = '%';
                a[out++] = (byte) digit(high);
                a[out++] = (byte) digit(low);
            }
            i += 2;
        }
        return out;
    }

    /** RFC 3986 section 5.2.4, but a segment above the root is an error instead of being ignored. */
    private static int removeDotSegments(byte[] a, int start, int end) {
        int out = start;
        int slash = start;
        while (slash < end) {
            int next = slash + 1;
            while (next < end && a[next] != '/') {
                next++;
            }
            int length = next - slash - 1;
            boolean dot = length == 1 && a[slash + 1] == '.';
            boolean dots = length == 2 && a[slash + 1] == '.' && a[slash + 2] == '.';
            if (dots) {
                if (out == start) {
                    return INVALID;
                }
                do {
                    out--;
                } while (a[out] != '/');
            }
            if (!dot && !dots) {
                System.arraycopy(a, slash, a, out, next - slash);
                out += next - slash;
            } else if (next == end) {
                a[out++] = '/';
            }
            slash = next;
        }
        return out;
    }

    private static boolean isUnreserved(int c) {
        return c >= 'a' && c <= 'z'
                || c >= 'A' && c <= 'Z'
                || c >= '0' && c <= '9'
                || c == '-'
                || c == '.'
                || c == '_'
                || c == '~';
    }

    private static boolean isUpperHex(byte b) {
        return b >= '0' && b <= '9' || b >= 'A' && b <= 'F';
    }

    private static int hex(byte b) {
        if (b >= '0' && b <= '9') {
            return b - '0';
        }
        int letter = b | 0x20;
        return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
    }

    private static char digit(int value) {
        return "0123456789ABCDEF".charAt(value & 15);
    }
}
