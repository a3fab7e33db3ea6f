package weir.listener;

import io.netty.channel.IoEvent;
import io.netty.channel.IoHandle;
import io.netty.channel.IoHandler;
import io.netty.channel.IoHandlerContext;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.IoRegistration;
import io.netty.channel.uring.IoUringIoHandle;
import io.netty.util.concurrent.ThreadAwareExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import weir.http.Breakage;
import weir.loop.LoopTurns;

/**
 * Has what a channel of io_uring throws while it handles an event cost that channel: on the other transports Netty closes
 * it, but from the ring an {@link Error}, such as that of an allocation that failed, would end the event loop with all of
 * its connections. Of the loop's thread, but for {@link #wakeup}.
 */
final class ContainedFailures implements IoHandler, LoopTurns.Backlog {
    private static final Logger LOG = LoggerFactory.getLogger(ContainedFailures.class);
    private static final long QUIET_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final IoHandler ring;
    private final LoopTurns.Backlog backlog;
    private final Runnable broken;
    private long loggedAt = System.nanoTime() - QUIET_NANOS;

    private ContainedFailures(IoHandler ring, Runnable broken) {
        this.ring = ring;
        this.backlog = LoopTurns.Backlog.of(ring);
        this.broken = broken;
    }

    /** Handlers that do so; {@code broken} is called for each channel that is closed. */
    static IoHandlerFactory over(IoHandlerFactory rings, Runnable broken) {
        return new IoHandlerFactory() {
            @Override
            public IoHandler newHandler(ThreadAwareExecutor loop) {
                return new ContainedFailures(rings.newHandler(loop), broken);
            }

            @Override
            public boolean isChangingThreadSupported() {
                return rings.isChangingThreadSupported();
            }
        };
    }

    /** The wrapped handler. */
    IoHandler ring() {
        return ring;
    }

    private void failed(IoUringIoHandle channel, Throwable cause) {
        broken.run();
        long now = System.nanoTime();
        if (now - loggedAt >= QUIET_NANOS) {
            loggedAt = now;
            boolean memory = Breakage.isLackOfMemory(cause);
            LOG.warn(
                    "a connection is closed, the event loop goes on: {}",
                    memory ? cause.getMessage() : Breakage.text(cause));
        }
        try {
            channel.close();
        } catch (Exception | Error again) {
            LOG.warn("and could not be closed: {}", Breakage.text(again));
        }
    }

    @Override
    public void initialize() {
        ring.initialize();
    }

    @Override
    public int run(IoHandlerContext context) {
        return ring.run(context);
    }

    @Override
    public long queued() {
        return backlog.queued();
    }

    @Override
    public long passed() {
        return backlog.passed();
    }

    @Override
    public void prepareToDestroy() {
        ring.prepareToDestroy();
    }

    @Override
    public void destroy() {
        ring.destroy();
    }

    @Override
    public IoRegistration register(IoHandle handle) throws Exception {
        return ring.register(new Handle((IoUringIoHandle) handle));
    }

    @Override
    public void wakeup() {
        ring.wakeup();
    }

    @Override
    public boolean isCompatible(Class<? extends IoHandle> type) {
        return ring.isCompatible(type);
    }

    /** One channel. */
    @SuppressWarnings("try") // close() throws Exception, as Netty declares it.
    private final class Handle implements IoUringIoHandle {
        private final IoUringIoHandle channel;

        Handle(IoUringIoHandle channel) {
            this.channel = channel;
        }

        @Override
        public void handle(IoRegistration registration, IoEvent event) {
            try {
                channel.handle(registration, event);
            } catch (RuntimeException | Error failure) {
                failed(channel, failure);
            }
        }

        @Override
        public void registered() {
            channel.registered();
        }

        @Override
        public void unregistered() {
            channel.unregistered();
        }

        @Override
        public void close() throws Exception {
            channel.close();
        }
    }
}
