package weir.listener;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.channel.IoHandle;
import io.netty.channel.IoHandler;
import io.netty.channel.IoHandlerContext;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.IoRegistration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.junit.jupiter.api.Test;

final class EventLoopsTest {
    private final Transport nio = Transport.choose("nio");
    private volatile boolean fails;

    /** A handler that does nothing, and ends its loop when it is told to. */
    private final class Failing implements IoHandler {
        @Override
        public void initialize() {}

        @Override
        public int run(IoHandlerContext context) {
            if (fails) {
                throw new OutOfMemoryError("of the test");
            }
            Thread.yield();
            return 0;
        }

        @Override
        public void prepareToDestroy() {}

        @Override
        public void destroy() {}

        @Override
        public IoRegistration register(IoHandle handle) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void wakeup() {}

        @Override
        public boolean isCompatible(Class<? extends IoHandle> type) {
            return true;
        }
    }

    private EventLoops loops() {
        IoHandlerFactory handlers = loop -> new Failing();
        return new EventLoops(
                1, new Transport("test", "", handlers, nio.servers(), nio.sockets(), false, new LongAdder()));
    }

    @Test
    void tellsOfALoopThatEndsByItself() throws Exception {
        EventLoops loops = loops();
        CountDownLatch ended = new CountDownLatch(1);
        loops.watch(number -> ended.countDown());
        loops.loop(0).execute(() -> {});
        assertFalse(ended.await(50, TimeUnit.MILLISECONDS));
        fails = true;
        assertTrue(ended.await(10, TimeUnit.SECONDS));
        loops.close();
    }

    @Test
    void saysNothingOfThoseThatAreClosed() {
        EventLoops loops = loops();
        AtomicInteger ended = new AtomicInteger();
        loops.watch(number -> ended.incrementAndGet());
        loops.loop(0).execute(() -> {});
        loops.close();
        assertEquals(0, ended.get());
    }
}
