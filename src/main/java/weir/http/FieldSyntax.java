package weir.http;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * The one opinion on what a field may look like, shared by every protocol version (RFC 9110 section 5). Names are
 * tokens; values hold visible ASCII, SP, HTAB and obs-text, never NUL, CR, LF or another control byte.
 * Immutable.
 */
public final class FieldSyntax {
    private static final byte TOKEN = 1;
    private static final byte VALUE = 2;
    private static final byte TARGET = 4;
    private static final byte PLAIN = 8;
    private static final byte PLAIN_LOWER = 16;
    private static final byte PATH = 32;
    private static final byte[] CLASS = new byte[256];
    private static final VarHandle WORDS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long ONES = 0x0101010101010101L;
    private static final long HIGHS = 0x8080808080808080L;

    static {
        for (int c = '!'; c < 127; c++) {
            CLASS[c] |= VALUE;
            if (c != '#') {
                CLASS[c] |= TARGET;
            }
        }
        for (int c = 0x80; c < 256; c++) {
            CLASS[c] |= VALUE;
        }
        CLASS[' '] |= VALUE;
        CLASS['\t'] |= VALUE;
        for (int c = '0'; c <= '9'; c++) {
            CLASS[c] |= TOKEN;
        }
        for (int c = 'a'; c <= 'z'; c++) {
            CLASS[c] |= TOKEN;
            CLASS[c - 32] |= TOKEN;
        }
        for (char c : "!#$%&'*+-.^_`|~".toCharArray()) {
            CLASS[c] |= TOKEN;
        }
        for (char c : "!$&'()*+,-./:;=@_~".toCharArray()) {
            CLASS[c] |= PATH;
        }
        for (int c = 0; c < 128; c++) {
            if (c >= '0' && c <= '9' || (c | 0x20) >= 'a' && (c | 0x20) <= 'z') {
                CLASS[c] |= PATH;
            }
            if ((CLASS[c] & TOKEN) != 0 && c != '_') {
                CLASS[c] |= PLAIN;
                if (c < 'A' || c > 'Z') {
                    CLASS[c] |= PLAIN_LOWER;
                }
            }
        }
    }

    private FieldSyntax() {}

    /** Whether the byte is a tchar (RFC 9110 section 5.6.2). */
    public static boolean isTokenByte(byte b) {
        return (CLASS[b & 0xff] & TOKEN) != 0;
    }

    /** Whether the byte may stand in a field value. */
    public static boolean isValueByte(byte b) {
        return (CLASS[b & 0xff] & VALUE) != 0;
    }

    /** Whether the byte may stand in a request target: visible ASCII but {@code #}. */
    public static boolean isTargetByte(byte b) {
        return (CLASS[b & 0xff] & TARGET) != 0;
    }

    /** Whether the byte may stand in a path as it is: pchar without escapes, or a slash (RFC 3986 section 3.3). */
    public static boolean isPathByte(byte b) {
        return (CLASS[b & 0xff] & PATH) != 0;
    }

    /** The index of the first byte that is no tchar, or {@code end}. */
    public static int tokenEnd(byte[] a, int start, int end) {
        byte[] classes = CLASS;
        int i = start;
        while (i < end && (classes[a[i] & 0xff] & TOKEN) != 0) {
            i++;
        }
        return i;
    }

    /** The index of the first byte that is no tchar or is an underscore, or {@code end}. */
    public static int plainTokenEnd(byte[] a, int start, int end) {
        byte[] classes = CLASS;
        int i = start;
        while (i < end && (classes[a[i] & 0xff] & PLAIN) != 0) {
            i++;
        }
        return i;
    }

    /** The index of the first byte that is no tchar, or is an underscore or in upper case, or {@code end}. */
    public static int plainLowerTokenEnd(byte[] a, int start, int end) {
        byte[] classes = CLASS;
        int i = start;
        while (i < end && (classes[a[i] & 0xff] & PLAIN_LOWER) != 0) {
            i++;
        }
        return i;
    }

    /** The index of the first byte that may not stand in a field value, or {@code end}. */
    public static int valueEnd(byte[] a, int start, int end) {
        byte[] classes = CLASS;
        int i = start;
        while (i + Long.BYTES <= end && isValue((long) WORDS.get(a, i))) {
            i += Long.BYTES;
        }
        while (i < end && (classes[a[i] & 0xff] & VALUE) != 0) {
            i++;
        }
        return i;
    }

    /**
     * Whether eight bytes may stand in a field value. May say no where they may, as of a tab, never yes where they may
     * not (the zero-byte test of Henry Warren, "Hacker's Delight", section 6-1).
     */
    private static boolean isValue(long word) {
        long control = (word - ONES * ' ') & ~word;
        long delete = word ^ ONES * 0x7f;
        return ((control | (delete - ONES) & ~delete) & HIGHS) == 0;
    }

    /** The index of the first byte that may not stand in a request target, or {@code end}. */
    public static int targetEnd(byte[] a, int start, int end) {
        byte[] classes = CLASS;
        int i = start;
        while (i < end && (classes[a[i] & 0xff] & TARGET) != 0) {
            i++;
        }
        return i;
    }

    /** Whether the range is a token of at least one byte. */
    public static boolean isToken(byte[] a, int start, int end) {
        for (int i = start; i < end; i++) {
            if ((CLASS[a[i] & 0xff] & TOKEN) == 0) {
                return false;
            }
        }
        return end > start;
    }

    /** Whether every byte of the range may stand in a field value. */
    public static boolean isValue(byte[] a, int start, int end) {
        for (int i = start; i < end; i++) {
            if ((CLASS[a[i] & 0xff] & VALUE) == 0) {
                return false;
            }
        }
        return true;
    }

    /** Compares a range of any case with lower-case bytes of the same length. */
    public static boolean equalsIgnoreCase(byte[] a, int start, byte[] lower) {
        for (int i = 0; i < lower.length; i++) {
            if (toLower(a[start + i]) != lower[i]) {
                return false;
            }
        }
        return true;
    }

    /** ASCII lower case. */
    public static byte toLower(byte b) {
        return b >= 'A' && b <= 'Z' ? (byte) (b | 0x20) : b;
    }

    /** The value of 1*DIGIT without sign, list or white space; -1 when malformed or above {@link Long#MAX_VALUE}. */
    public static long parseContentLength(byte[] a, int start, int end) {
        if (start == end) {
            return -1;
        }
        long n = 0;
        for (int i = start; i < end; i++) {
            int digit = a[i] - '0';
            if (digit < 0 || digit > 9 || n > (Long.MAX_VALUE - digit) / 10) {
                return -1;
            }
            n = n * 10 + digit;
        }
        return n;
    }
}
