package weir.http2;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * Bytes of one stream that wait. Small pieces are gathered in buffers of the queue's own, so that a peer that sends a
 * byte at a time cannot make each of them hold a whole read buffer. Nothing is allocated while one piece waits at a
 * time. Confined to one event loop.
 */
final class BufferQueue {
    private static final int SMALL = 1024;
    private static final int GATHERED = 8 * 1024;

    private @Nullable ByteBuf first;
    private @Nullable ArrayDeque<ByteBuf> rest;

    /** The last buffer, if it is one of the queue's own. */
    private @Nullable ByteBuf gathering;

    private int bytes;

    /** How many bytes wait. */
    int bytes() {
        return bytes;
    }

    /** Takes a buffer over. */
    void add(ByteBuf data, ByteBufAllocator alloc) {
        int length = data.readableBytes();
        if (length == 0) {
            data.release();
            return;
        }
        bytes += length;
        if (first != null && length <= SMALL) {
            ByteBuf own = gathering;
            if (own == null || own.maxFastWritableBytes() < length) {
                own = alloc.ioBuffer(GATHERED, GATHERED);
                append(own);
                gathering = own;
            }
            own.writeBytes(data);
            data.release();
            return;
        }
        append(data);
        gathering = null;
    }

    private void append(ByteBuf data) {
        if (first == null) {
            first = data;
            return;
        }
        ArrayDeque<ByteBuf> others = rest;
        if (others == null) {
            others = new ArrayDeque<>();
            rest = others;
        }
        others.addLast(data);
    }

    /** The oldest bytes, which stay in the queue; only if there are any. */
    ByteBuf peek() {
        ByteBuf oldest = first;
        if (oldest == null) {
            throw new IllegalStateException("nothing waits");
        }
        return oldest;
    }

    /** Takes out at most so many bytes of the oldest buffer; the buffer itself when those are all. */
    ByteBuf take(int most) {
        ByteBuf oldest = peek();
        int length = oldest.readableBytes();
        if (length > most) {
            bytes -= most;
            return oldest.readRetainedSlice(most);
        }
        bytes -= length;
        if (oldest == gathering) {
            gathering = null;
        }
        first = rest == null ? null : rest.pollFirst();
        return oldest;
    }

    /** Lets everything go. */
    void clear() {
        while (first != null) {
            take(Integer.MAX_VALUE).release();
        }
    }
}
