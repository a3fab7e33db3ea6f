package weir.accesslog;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A chunk of lines in the making: bytes that grow, used again and again. Confined to whoever holds it: an event loop
 * while it is filled, the writer while it is written.
 */
public final class LineBuffer {
    private static final int SCRATCH = 512;
    /** How far the last word written may reach beyond what counts. */
    private static final int SLACK = 8;

    private static final long ZERO_POINT = '0' | '.' << 8;
    private static final byte[] TENS = new byte[100];
    private static final byte[] ONES = new byte[100];
    /** Two digits as they stand in a {@linkplain Words word}. */
    private static final int[] PAIRS = new int[100];

    static {
        for (int i = 0; i < 100; i++) {
            TENS[i] = (byte) ('0' + i / 10);
            ONES[i] = (byte) ('0' + i % 10);
            PAIRS[i] = TENS[i] | ONES[i] << 8;
        }
    }

    private final JsonTexts texts;
    private byte[] bytes;
    private int length;
    private int lines;
    private byte[] scratch = new byte[SCRATCH];

    /** One with names of its own. */
    LineBuffer(int capacity) {
        this(capacity, new JsonTexts());
    }

    /** One of those that share names. */
    LineBuffer(int capacity, JsonTexts texts) {
        this.bytes = new byte[capacity];
        this.texts = texts;
    }

    /** The bytes; the first {@link #length()} are in use. May be replaced by any call that appends. */
    public byte[] array() {
        return bytes;
    }

    /** Bytes in use. */
    public int length() {
        return length;
    }

    /** Complete lines in it. */
    public int lines() {
        return lines;
    }

    /** Ends a line. */
    void endLine() {
        put('\n');
        lines++;
    }

    /** Takes back what was appended since it had that length. */
    void truncate(int newLength) {
        length = newLength;
    }

    /** Forgets everything, and the array too when it grew beyond that capacity. */
    void clear(int capacity) {
        length = 0;
        lines = 0;
        if (bytes.length > capacity) {
            bytes = new byte[capacity];
        }
    }

    void put(int b) {
        ensureRoom(1);
        bytes[length++] = (byte) b;
    }

    void put(byte[] source) {
        put(source, 0, source.length);
    }

    void put(byte[] source, int start, int n) {
        ensureRoom(n);
        System.arraycopy(source, start, bytes, length, n);
        length += n;
    }

    void put(Literal literal) {
        ensureRoom(literal.length() + SLACK);
        literal.store(bytes, length);
        length += literal.length();
    }

    /** Appends a name that comes again and again, as a JSON string. */
    void putQuoted(String name) {
        put(texts.quoted(name));
    }

    /**
     * Appends bytes as long as they are plain in words of eight (see {@link Words#plain}), of which the last may have
     * fewer. Returns where it stopped; what is left may begin with plain bytes too.
     */
    int putPlain(byte[] source, int start, int end) {
        ensureRoom(end - start + SLACK);
        byte[] to = bytes;
        int shift = length - start;
        int at = start;
        while (at + Long.BYTES <= end) {
            long word = Words.get(source, at);
            if (!Words.plain(word)) {
                length += at - start;
                return at;
            }
            Words.set(to, at + shift, word);
            at += Long.BYTES;
        }
        if (at < end && at + Long.BYTES <= source.length) {
            long word = Words.first(Words.get(source, at), end - at);
            if (Words.plain(word)) {
                Words.set(to, at + shift, word);
                at = end;
            }
        }
        length += at - start;
        return at;
    }

    /** Appends a whole number. */
    void putNumber(long n) {
        if (n >= 0 && n <= Integer.MAX_VALUE) {
            putSmall((int) n);
            return;
        }
        if (n < 0) {
            put('-');
        }
        ensureRoom(20);
        long rest = n;
        int digits = 1;
        for (long q = rest / 10; q != 0; q /= 10) {
            digits++;
        }
        for (int at = length + digits - 1; at >= length; at--) {
            bytes[at] = (byte) ('0' + Math.abs(rest % 10));
            rest /= 10;
        }
        length += digits;
    }

    private void putSmall(int n) {
        if (n < 10) {
            put('0' + n);
        } else if (n < 100) {
            putDigits(n, 2);
        } else if (n < 1_000) {
            putDigits(n, 3);
        } else {
            int digits = 4;
            for (int q = n / 10_000; q != 0; q /= 10) {
                digits++;
            }
            putDigits(n, digits);
        }
    }

    /** Appends a number with leading zeros. */
    void putDigits(int n, int digits) {
        ensureRoom(digits);
        int rest = n;
        int at = length + digits;
        while (at - length >= 2) {
            int pair = rest % 100;
            rest /= 100;
            bytes[--at] = ONES[pair];
            bytes[--at] = TENS[pair];
        }
        if (at > length) {
            bytes[length] = (byte) ('0' + rest % 10);
        }
        length += digits;
    }

    /** Appends nanoseconds as seconds with six decimals. */
    void putSeconds(long nanos) {
        long micros = Math.max(0, nanos) / 1_000;
        if (micros < 1_000_000) {
            int n = (int) micros;
            long first = PAIRS[n / 10_000];
            long second = PAIRS[n / 100 % 100];
            long third = PAIRS[n % 100];
            ensureRoom(Long.BYTES);
            Words.set(bytes, length, ZERO_POINT | first << 16 | second << 32 | third << 48);
            length += Long.BYTES;
            return;
        }
        putNumber(micros / 1_000_000);
        put('.');
        putDigits((int) (micros % 1_000_000), 6);
    }

    /** What is in it. */
    byte[] copy() {
        return Arrays.copyOf(bytes, length);
    }

    /** Encodes text as UTF-8 into {@link #scratch()}. Returns the number of bytes; null has none. */
    int encode(@Nullable String text, int at) {
        int n = text == null ? 0 : text.length();
        if (scratch.length < at + n * 3) {
            scratch = Arrays.copyOf(scratch, at + n * 3);
        }
        int to = at;
        for (int i = 0; i < n; i++) {
            char c = text.charAt(i);
            if (c < 0x80) {
                scratch[to++] = (byte) c;
            } else if (c < 0x800) {
                scratch[to++] = (byte) (0xc0 | c >> 6);
                scratch[to++] = (byte) (0x80 | c & 0x3f);
            } else if (Character.isHighSurrogate(c) && i + 1 < n && Character.isLowSurrogate(text.charAt(i + 1))) {
                int point = Character.toCodePoint(c, text.charAt(++i));
                scratch[to++] = (byte) (0xf0 | point >> 18);
                scratch[to++] = (byte) (0x80 | point >> 12 & 0x3f);
                scratch[to++] = (byte) (0x80 | point >> 6 & 0x3f);
                scratch[to++] = (byte) (0x80 | point & 0x3f);
            } else {
                scratch[to++] = (byte) (0xe0 | c >> 12);
                scratch[to++] = (byte) (0x80 | c >> 6 & 0x3f);
                scratch[to++] = (byte) (0x80 | c & 0x3f);
            }
        }
        return to - at;
    }

    /** Writes a whole number from 0 on as text into {@link #scratch()}. Returns the number of bytes. */
    int encodeNumber(int n, int at) {
        int digits = 1;
        for (int q = n / 10; q != 0; q /= 10) {
            digits++;
        }
        if (scratch.length < at + digits) {
            scratch = Arrays.copyOf(scratch, at + digits + SCRATCH);
        }
        int rest = n;
        for (int to = at + digits - 1; to >= at; to--) {
            scratch[to] = (byte) ('0' + rest % 10);
            rest /= 10;
        }
        return digits;
    }

    /** What {@link #encode} fills. */
    byte[] scratch() {
        return scratch;
    }

    private void ensureRoom(int n) {
        if (bytes.length - length < n) {
            bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, length + n));
        }
    }
}
