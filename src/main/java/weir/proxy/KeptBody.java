package weir.proxy;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * A copy of a request's body as far as it was sent, so that another backend can be sent it too: of small bodies, and
 * only where a service's {@code retry.conditions} ask for it. Copied, because a slice of a few bytes would hold the
 * whole buffer they were read into. Confined to one event loop.
 */
final class KeptBody {
    private static final int MOST_BYTES = 64 * 1024;

    private boolean keeps;
    private @Nullable ByteBuf bytes;

    /** A request begins. */
    void begin(boolean keep) {
        keeps = keep;
    }

    /** How many bytes it holds. */
    int bytes() {
        ByteBuf kept = bytes;
        return kept == null ? 0 : kept.capacity();
    }

    /** Whether all that was sent is here. */
    boolean whole() {
        return keeps;
    }

    /** Keeps what is about to be sent; forgets all when it becomes too much. */
    void add(ByteBuf data) {
        if (!keeps) {
            return;
        }
        ByteBuf kept = bytes;
        int n = data.readableBytes();
        if ((kept == null ? 0 : kept.readableBytes()) + n > MOST_BYTES) {
            forget();
            return;
        }
        if (kept == null) {
            kept = data.alloc().buffer(n);
            bytes = kept;
        }
        kept.writeBytes(data, data.readerIndex(), n);
    }

    /** What was sent so far, to be sent once more and released; null for nothing. */
    @Nullable
    ByteBuf again() {
        ByteBuf kept = bytes;
        return kept == null ? null : kept.retainedDuplicate();
    }

    /** No other backend will be sent it. */
    void forget() {
        keeps = false;
        ByteBuf kept = bytes;
        bytes = null;
        if (kept != null) {
            kept.release();
        }
    }
}
