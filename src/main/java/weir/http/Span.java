package weir.http;

/** A range of a head's arena that is set again for each message. Confined to one event loop. */
public final class Span {
    private int start;
    private int length;

    /** The first byte's index in the arena. */
    public int start() {
        return start;
    }

    /** The index behind the last byte. */
    public int end() {
        return start + length;
    }

    /** Bytes in the range; 0 when absent. */
    public int length() {
        return length;
    }

    /** Whether there is no byte. */
    public boolean isEmpty() {
        return length == 0;
    }

    /** Sets start and length. */
    public void set(int start, int length) {
        this.start = start;
        this.length = length;
    }

    /** Makes this range the same as another one. */
    public void set(Span other) {
        this.start = other.start;
        this.length = other.length;
    }

    /** Makes this range empty. */
    public void clear() {
        start = 0;
        length = 0;
    }
}
