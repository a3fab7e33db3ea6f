package weir.http;

import io.netty.buffer.UnpooledUnsafeDirectByteBuf;

/** A buffer that goes back to its loop with the last reference to it. As thread-safe as Netty's buffers are. */
final class SmallBuffer extends UnpooledUnsafeDirectByteBuf {
    private final LoopBuffers home;

    SmallBuffer(LoopBuffers home) {
        super(home, LoopBuffers.SIZE, Integer.MAX_VALUE);
        this.home = home;
    }

    void reuse() {
        resetRefCnt();
        setIndex(0, 0);
        markReaderIndex();
        markWriterIndex();
    }

    @Override
    protected void deallocate() {
        if (!home.keep(this)) {
            super.deallocate();
        }
    }
}
