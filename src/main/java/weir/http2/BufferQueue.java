package weir.http2;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;
import weir.http.Holding;

/**
 * Bytes of one stream that wait. Small pieces are gathered in buffers of the queue's own, so that a peer that sends a
 * byte at a time cannot make each of them hold a whole read buffer; what waits for long, or is added as such, holds no
 * more than about twice its bytes. Nothing is allocated while one piece waits at a time. Confined to one event loop.
 */
final class BufferQueue {
    private static final int SMALL = 1024;
    private static final int GATHERED = 8 * 1024;

    private @Nullable ByteBuf first;
    private @Nullable ArrayDeque<ByteBuf> rest;

    /** The last buffer, if it is one of the queue's own. */
    private @Nullable ByteBuf gathering;

    private final @Nullable Holding holding;
    private int bytes;
    private boolean pins;

    /** A queue on that account; null where nobody counts. */
    BufferQueue(@Nullable Holding holding) {
        this.holding = holding;
    }

    private void count(int more) {
        bytes += more;
        Holding of = holding;
        if (of != null) {
            of.add(more);
        }
    }

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
        count(length);
        if (first != null && length <= SMALL) {
            gather(data, alloc);
            return;
        }
        pins |= pinned(data) > 2L * length;
        append(data);
        gathering = null;
    }

    /** Takes a buffer over that is to wait: copies it if it is a small part of what it holds in memory. */
    void addWaiting(ByteBuf data, ByteBufAllocator alloc) {
        int length = data.readableBytes();
        if (length == 0 || pinned(data) <= 2L * length) {
            add(data, alloc);
        } else {
            count(length);
            gather(data, alloc);
        }
    }

    /** Copies what waits if parts of it hold much more memory than they have bytes. */
    void unpin(ByteBufAllocator alloc) {
        if (!pins) {
            return;
        }
        pins = false;
        ByteBuf oldest = first;
        ArrayDeque<ByteBuf> others = rest;
        first = null;
        rest = null;
        gathering = null;
        while (oldest != null) {
            if (pinned(oldest) > 2L * oldest.readableBytes()) {
                gather(oldest, alloc);
            } else {
                append(oldest);
                gathering = null;
            }
            oldest = others == null ? null : others.pollFirst();
        }
    }

    private void gather(ByteBuf data, ByteBufAllocator alloc) {
        ByteBuf own = gathering;
        int length = data.readableBytes();
        if (own == null || own.maxFastWritableBytes() < length) {
            int size = Math.max(length, GATHERED);
            own = alloc.ioBuffer(size, size);
            append(own);
            gathering = own;
        }
        own.writeBytes(data);
        data.release();
    }

    /** The memory that a buffer keeps from being used otherwise. */
    private static int pinned(ByteBuf data) {
        ByteBuf whole = data;
        for (ByteBuf of = whole.unwrap(); of != null; of = of.unwrap()) {
            whole = of;
        }
        return whole.capacity();
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
            count(-most);
            return oldest.readRetainedSlice(most);
        }
        count(-length);
        if (oldest == gathering) {
            gathering = null;
        }
        first = rest == null ? null : rest.pollFirst();
        pins &= first != null;
        return oldest;
    }

    /** Lets everything go. */
    void clear() {
        while (first != null) {
            take(Integer.MAX_VALUE).release();
        }
    }
}
