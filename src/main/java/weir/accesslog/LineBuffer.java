package weir.accesslog;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A chunk of lines in the making: bytes that grow, used again and again. Confined to whoever holds it: an event loop
 * while it is filled, the writer while it is written.
 */
public final class LineBuffer {
    private static final int SCRATCH = 512;

    private byte[] bytes;
    private int length;
    private int lines;
    private byte[] scratch = new byte[SCRATCH];

    LineBuffer(int capacity) {
        this.bytes = new byte[capacity];
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

    /** Appends a whole number. */
    void putNumber(long n) {
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

    /** Appends a number with leading zeros. */
    void putDigits(int n, int digits) {
        ensureRoom(digits);
        int rest = n;
        for (int at = length + digits - 1; at >= length; at--) {
            bytes[at] = (byte) ('0' + rest % 10);
            rest /= 10;
        }
        length += digits;
    }

    /** Appends nanoseconds as seconds with six decimals. */
    void putSeconds(long nanos) {
        long micros = Math.max(0, nanos) / 1_000;
        putNumber(micros / 1_000_000);
        put('.');
        putDigits((int) (micros % 1_000_000), 6);
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
