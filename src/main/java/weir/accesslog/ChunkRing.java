package weir.accesslog;

import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * A bounded queue of chunks with one producer and one consumer, without locks (Lamport's ring). Thread-safe for one
 * thread on each side.
 */
final class ChunkRing {
    private final AtomicReferenceArray<@Nullable LineBuffer> slots;
    private final int mask;
    /** Producer's and consumer's next positions; each side writes only its own. */
    private volatile long tail;

    private volatile long head;

    /** A ring for that many chunks, a power of two. */
    ChunkRing(int capacity) {
        this.slots = new AtomicReferenceArray<>(capacity);
        this.mask = capacity - 1;
    }

    /** Puts a chunk in; false when the ring is full. */
    @SuppressWarnings("NonAtomicOperationOnVolatileField") // only the producer writes tail
    boolean offer(LineBuffer chunk) {
        long at = tail;
        if (at - head > mask) {
            return false;
        }
        slots.setPlain((int) at & mask, chunk);
        tail = at + 1;
        return true;
    }

    /** Takes the oldest chunk out, or null. */
    @Nullable
    LineBuffer poll() {
        long at = head;
        if (at == tail) {
            return null;
        }
        LineBuffer chunk = slots.getPlain((int) at & mask);
        slots.setPlain((int) at & mask, null);
        head = at + 1;
        return chunk;
    }

    /** How many chunks are in it. */
    int size() {
        return (int) (tail - head);
    }
}
