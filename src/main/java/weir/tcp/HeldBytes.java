package weir.tcp;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.CompositeByteBuf;
import org.jspecify.annotations.Nullable;

/** A client's first bytes, kept without copying until there is a backend for them. Confined to one event loop. */
final class HeldBytes {
    private @Nullable ByteBuf all;

    /** Takes a buffer over. */
    void add(ByteBuf data, ByteBufAllocator allocator) {
        ByteBuf before = all;
        if (before == null) {
            all = data;
        } else if (before instanceof CompositeByteBuf composite) {
            composite.addComponent(true, data);
        } else {
            all = allocator
                    .compositeBuffer(Integer.MAX_VALUE)
                    .addComponent(true, before)
                    .addComponent(true, data);
        }
    }

    boolean isEmpty() {
        return all == null;
    }

    /** Everything so far; only when not empty. */
    ByteBuf all() {
        ByteBuf held = all;
        if (held == null) {
            throw new IllegalStateException("nothing is held");
        }
        return held;
    }

    /** Gives everything away; null when there is nothing. */
    @Nullable
    ByteBuf take() {
        ByteBuf held = all;
        all = null;
        return held;
    }

    void release() {
        ByteBuf held = take();
        if (held != null) {
            held.release();
        }
    }
}
