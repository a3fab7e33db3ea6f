package weir.route;

import java.nio.charset.StandardCharsets;

/** A path in an arena as text for regular expressions, without a copy. A path holds ASCII only. Immutable. */
final class PathText implements CharSequence {
    private final byte[] array;
    private final int start;
    private final int length;

    PathText(byte[] array, int start, int length) {
        this.array = array;
        this.start = start;
        this.length = length;
    }

    @Override
    public int length() {
        return length;
    }

    @Override
    public char charAt(int index) {
        return (char) (array[start + index] & 0xff);
    }

    @Override
    public CharSequence subSequence(int from, int to) {
        return new PathText(array, start + from, to - from);
    }

    @Override
    public String toString() {
        return new String(array, start, length, StandardCharsets.ISO_8859_1);
    }
}
