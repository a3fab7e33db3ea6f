package weir.http;

import io.netty.buffer.AbstractByteBufAllocator;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.internal.PlatformDependent;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The small buffers of one event loop, for what is read and for heads. The one given back last is given out first, as
 * its bytes are still in the processor's cache; Netty's allocators go round. What is larger, or asked for by another
 * thread, is Netty's default. Confined to one event loop but for the release of buffers, which any thread may do.
 */
public final class LoopBuffers extends AbstractByteBufAllocator {
    /** Bytes of a buffer. */
    public static final int SIZE = 2048;

    /** Buffers of one loop at most: 2 MiB. */
    private static final int MOST = 1024;

    private final EventExecutor eventLoop;
    private final ByteBufAllocator others = ByteBufAllocator.DEFAULT;
    private final AtomicInteger strayed = new AtomicInteger();
    private final @Nullable SmallBuffer[] free = new SmallBuffer[MOST];
    private int count;
    private int made;

    /** The buffers of that loop. */
    public LoopBuffers(EventExecutor eventLoop) {
        super(PlatformDependent.hasUnsafe());
        this.eventLoop = eventLoop;
    }

    @Override
    protected ByteBuf newHeapBuffer(int initialCapacity, int maxCapacity) {
        return others.heapBuffer(initialCapacity, maxCapacity);
    }

    @Override
    protected ByteBuf newDirectBuffer(int initialCapacity, int maxCapacity) {
        if (initialCapacity <= SIZE && maxCapacity == Integer.MAX_VALUE && eventLoop.inEventLoop()) {
            SmallBuffer buffer = take();
            if (buffer != null) {
                return toLeakAwareBuffer(buffer);
            }
        }
        return others.directBuffer(initialCapacity, maxCapacity);
    }

    private @Nullable SmallBuffer take() {
        if (count > 0) {
            SmallBuffer buffer = free[--count];
            free[count] = null;
            if (buffer != null) {
                buffer.reuse();
            }
            return buffer;
        }
        if (made - strayed.get() >= MOST || !PlatformDependent.hasUnsafe()) {
            return null;
        }
        made++;
        return new SmallBuffer(this);
    }

    /** Keeps a buffer that nobody uses any more; false when it has to be freed. */
    boolean keep(SmallBuffer buffer) {
        if (!eventLoop.inEventLoop() || buffer.capacity() != SIZE) {
            strayed.incrementAndGet();
            return false;
        }
        free[count++] = buffer;
        return true;
    }

    @Override
    public boolean isDirectBufferPooled() {
        return true;
    }
}
