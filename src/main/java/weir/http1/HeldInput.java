package weir.http1;

import io.netty.buffer.ByteBuf;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/** Bytes that were read from a channel and not consumed yet, in order; owns its buffers. Confined to one event loop. */
final class HeldInput {
    private @Nullable ByteBuf first;
    private @Nullable ArrayDeque<ByteBuf> rest;

    /** Takes a buffer over. */
    void add(ByteBuf in) {
        if (!in.isReadable()) {
            in.release();
        } else if (first == null) {
            first = in;
        } else {
            if (rest == null) {
                rest = new ArrayDeque<>();
            }
            rest.add(in);
        }
    }

    /** Bytes of memory that the buffers have. */
    int capacity() {
        ByteBuf oldest = first;
        if (oldest == null) {
            return 0;
        }
        long sum = oldest.capacity();
        if (rest != null) {
            for (ByteBuf in : rest) {
                sum += in.capacity();
            }
        }
        return (int) Math.min(Integer.MAX_VALUE, sum);
    }

    boolean isEmpty() {
        return first == null;
    }

    /** The oldest buffer, which has bytes to read and stays owned by this; only if not empty. */
    ByteBuf peek() {
        ByteBuf in = first;
        if (in == null) {
            throw new IllegalStateException("nothing is held");
        }
        return in;
    }

    /** Releases the oldest buffer if it was read to its end. */
    void consumed() {
        ByteBuf in = first;
        if (in != null && !in.isReadable()) {
            first = rest == null ? null : rest.poll();
            in.release();
        }
    }

    /** Takes out at most so many bytes of the oldest buffer; the buffer itself when those are all. */
    ByteBuf take(long most) {
        ByteBuf in = peek();
        if (in.readableBytes() <= most) {
            first = rest == null ? null : rest.poll();
            return in;
        }
        return in.readRetainedSlice((int) most);
    }

    /** Lets everything go. */
    void releaseAll() {
        while (first != null) {
            ByteBuf in = first;
            first = rest == null ? null : rest.poll();
            in.release();
        }
    }
}
