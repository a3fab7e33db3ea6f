package weir.listener;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.netty.channel.IoEvent;
import io.netty.channel.IoHandle;
import io.netty.channel.IoHandler;
import io.netty.channel.IoHandlerContext;
import io.netty.channel.IoRegistration;
import io.netty.channel.uring.IoUringIoHandle;
import io.netty.util.concurrent.ImmediateEventExecutor;
import io.netty.util.concurrent.ThreadAwareExecutor;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import weir.loop.LoopTurns;

final class ContainedFailuresTest {
    private final AtomicInteger broken = new AtomicInteger();
    private final List<String> seen = new ArrayList<>();
    private @Nullable IoUringIoHandle registered;

    /** A ring that keeps the last handle. */
    private final class Ring implements IoHandler, LoopTurns.Backlog {
        @Override
        public long queued() {
            return 7;
        }

        @Override
        public long passed() {
            return 5;
        }

        @Override
        public void initialize() {}

        @Override
        public int run(IoHandlerContext context) {
            return 0;
        }

        @Override
        public void prepareToDestroy() {}

        @Override
        public void destroy() {}

        @Override
        public @Nullable IoRegistration register(IoHandle handle) {
            registered = (IoUringIoHandle) handle;
            return null;
        }

        @Override
        public void wakeup() {}

        @Override
        public boolean isCompatible(Class<? extends IoHandle> type) {
            return true;
        }
    }

    /** A channel whose buffer cannot be had. */
    @SuppressWarnings("try")
    private final class Channel implements IoUringIoHandle {
        @Override
        public void handle(IoRegistration registration, IoEvent event) {
            seen.add("event");
            throw new OutOfMemoryError("of the test");
        }

        @Override
        public void close() {
            seen.add("closed");
        }
    }

    @Test
    void closesTheChannelWhoseAllocationFails() throws Exception {
        IoHandler handler = ContainedFailures.over(loop -> new Ring(), broken::incrementAndGet)
                .newHandler(new Thread());
        handler.register(new Channel());
        IoUringIoHandle handle = registered;
        handle.handle(null, null);
        assertEquals(List.of("event", "closed"), seen);
        assertEquals(1, broken.get());
    }

    /** Else a loop would seem to have delivered what still waits for its turn, and clients would be closed unread. */
    @Test
    void doesNotHideTheQueueOfTheRing() {
        IoHandler handler = ContainedFailures.over(loop -> new Ring(), broken::incrementAndGet)
                .newHandler(new Thread());
        LoopTurns.Backlog backlog = LoopTurns.Backlog.of(handler);
        assertEquals(7, backlog.queued());
        assertEquals(5, backlog.passed());
    }

    /** Whoever calls is the loop. */
    private static final class Thread implements ThreadAwareExecutor {
        @Override
        public boolean isExecutorThread(java.lang.Thread thread) {
            return true;
        }

        @Override
        public void execute(Runnable task) {
            ImmediateEventExecutor.INSTANCE.execute(task);
        }
    }
}
