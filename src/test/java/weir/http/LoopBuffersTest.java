package weir.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.util.concurrent.DefaultEventExecutor;
import io.netty.util.concurrent.EventExecutor;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LoopBuffersTest {
    private final EventExecutor loop = new DefaultEventExecutor();
    private final LoopBuffers buffers = new LoopBuffers(loop);

    @AfterEach
    void stop() {
        loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    }

    private <T> T onLoop(Callable<T> task) throws Exception {
        return loop.submit(task).get();
    }

    @Test
    void givesOutTheBufferGivenBackLastAndClean() throws Exception {
        onLoop(() -> {
            ByteBuf first = buffers.ioBuffer(100);
            ByteBuf second = buffers.ioBuffer(100);
            long address = second.memoryAddress();
            second.writeLong(1).readLong();
            second.markReaderIndex();
            first.release();
            second.release();

            ByteBuf again = buffers.ioBuffer(LoopBuffers.SIZE);
            assertEquals(address, again.memoryAddress());
            assertEquals(0, again.readerIndex());
            assertEquals(0, again.writerIndex());
            assertEquals(1, again.refCnt());
            again.resetReaderIndex();
            assertEquals(0, again.readerIndex());
            again.release();
            return null;
        });
    }

    @Test
    void neverGivesOutABufferThatIsInUse() throws Exception {
        onLoop(() -> {
            List<ByteBuf> taken = new ArrayList<>();
            Set<Long> addresses = new HashSet<>();
            for (int i = 0; i < 1_500; i++) {
                ByteBuf buffer = buffers.ioBuffer(2_000);
                assertTrue(addresses.add(buffer.memoryAddress()), "twice");
                taken.add(buffer);
            }
            long held = taken.get(0).memoryAddress();
            ByteBuf slice = taken.get(0).retainedSlice(0, 1);
            taken.forEach(ByteBuf::release);
            List<ByteBuf> again = new ArrayList<>();
            for (int i = 0; i < 1_500; i++) {
                again.add(buffers.ioBuffer(10));
                assertNotEquals(held, again.get(i).memoryAddress());
            }
            slice.release();
            again.forEach(ByteBuf::release);
            return null;
        });
    }

    @Test
    void leavesLargeOnesAndOtherThreadsToNetty() throws Exception {
        ByteBuf foreign = buffers.directBuffer(100);
        foreign.release();
        onLoop(() -> {
            ByteBuf large = buffers.directBuffer(LoopBuffers.SIZE + 1);
            assertTrue(large.capacity() > LoopBuffers.SIZE);
            large.release();
            ByteBuf grown = buffers.directBuffer(100);
            grown.writeZero(LoopBuffers.SIZE * 2);
            grown.release();
            ByteBuf next = buffers.directBuffer(100);
            assertEquals(LoopBuffers.SIZE, next.capacity());
            next.release();
            return null;
        });
    }

    @Test
    void freesWhatAnotherThreadReleases() throws Exception {
        ByteBuf buffer = onLoop(() -> buffers.directBuffer(100));
        assertTrue(buffer.release());
        assertFalse(onLoop(() -> {
            ByteBuf next = buffers.directBuffer(100);
            boolean same = next == buffer;
            next.release();
            return same;
        }));
    }
}
