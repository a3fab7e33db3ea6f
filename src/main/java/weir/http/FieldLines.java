package weir.http;

import java.util.Arrays;

/**
 * Fields put together beforehand, which are {@linkplain Fields#add(FieldLines) added} to heads in one copy. Not
 * thread-safe while it is made, immutable from then on.
 */
public final class FieldLines {
    private byte[] bytes = new byte[192];
    private int length;
    private final int[] spans;
    private final byte[] numbers;
    private int count;

    /** Makes room for at most so many fields. */
    public FieldLines(int most) {
        spans = new int[most * Fields.STRIDE];
        numbers = new byte[most];
    }

    /** Adds a field whose value is these parts, one after the other. */
    public FieldLines add(KnownField name, byte[]... parts) {
        int nameStart = length;
        put(name.bytes());
        put(Fields.COLON_SPACE);
        int valueStart = length;
        for (byte[] part : parts) {
            put(part);
        }
        int s = count * Fields.STRIDE;
        spans[s] = nameStart;
        spans[s + 1] = name.bytes().length;
        spans[s + 2] = valueStart;
        spans[s + 3] = length - valueStart;
        numbers[count++] = (byte) name.ordinal();
        put(Fields.LINE_END);
        return this;
    }

    private void put(byte[] part) {
        if (bytes.length - length < part.length) {
            bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, length + part.length));
        }
        System.arraycopy(part, 0, bytes, length, part.length);
        length += part.length;
    }

    int count() {
        return count;
    }

    int length() {
        return length;
    }

    /** The lines; the first {@link #length()} bytes are in use. */
    byte[] bytes() {
        return bytes;
    }

    /** Where names and values are in {@link #bytes()}, in the order that {@link Fields} has them. */
    int[] spans() {
        return spans;
    }

    /** The ordinal of a field's name. */
    byte number(int i) {
        return numbers[i];
    }
}
