package weir.listener;

import static java.util.Objects.requireNonNull;

import io.netty.channel.IoEvent;
import io.netty.channel.IoHandle;
import io.netty.channel.IoHandler;
import io.netty.channel.IoHandlerContext;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.IoRegistration;
import io.netty.channel.uring.IoUringIoEvent;
import io.netty.channel.uring.IoUringIoHandle;
import io.netty.util.concurrent.ThreadAwareExecutor;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finishes what is begun before it begins more: of what io_uring reports, that a client has sent something is passed on
 * last, and of few clients at a time. Under load a loop otherwise takes up every request there is before it looks at the
 * first response, so hundreds are under way at once, each with a backend connection of its own, and what belongs to a
 * request has long left the caches of the core when its response comes. Nobody starves: every turn lets some in, in the
 * order they came.
 *
 * <p>Of the loop's thread, but for {@link #wakeup}.
 */
final class BegunFirst implements IoHandler {
    private static final Logger LOG = LoggerFactory.getLogger(BegunFirst.class);

    /** How many clients a turn of the loop lets in: enough that they share the cost of a system call (measured). */
    static final int BATCH = 64;

    private final IoHandler ring;
    private final ArrayDeque<Handle> waiting = new ArrayDeque<>();
    private final Unblocked unblocked = new Unblocked();

    private BegunFirst(IoHandler ring) {
        this.ring = ring;
    }

    /** Handlers of io_uring that do so. */
    static IoHandlerFactory over(IoHandlerFactory rings) {
        return new IoHandlerFactory() {
            @Override
            public IoHandler newHandler(ThreadAwareExecutor loop) {
                return new BegunFirst(rings.newHandler(loop));
            }

            @Override
            public boolean isChangingThreadSupported() {
                return rings.isChangingThreadSupported();
            }
        };
    }

    @Override
    public void initialize() {
        ring.initialize();
    }

    @Override
    public int run(IoHandlerContext context) {
        int handled = ring.run(waiting.isEmpty() ? context : unblocked.of(context));
        letIn(BATCH);
        return handled;
    }

    private void letIn(int most) {
        int clients = 0;
        while (clients < most) {
            Handle next = waiting.poll();
            if (next == null) {
                return;
            }
            if (next.letIn()) {
                clients++;
            }
        }
    }

    @Override
    public void prepareToDestroy() {
        letIn(Integer.MAX_VALUE);
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

    /** One channel, between the ring and Netty's channel. */
    @SuppressWarnings("try") // close() throws Exception, as Netty declares it.
    private final class Handle implements IoUringIoHandle {
        // Of linux/io_uring.h and poll.h.
        private static final byte POLL_ADD = 6;
        private static final byte CONNECT = 16;
        private static final int MORE = 1 << 1;
        private static final int POLLIN = 1;

        private final IoUringIoHandle channel;
        private boolean connects; // to a backend: its news are never held back
        private boolean held;
        private @Nullable IoRegistration registration;
        private @Nullable IoUringIoEvent readable;

        Handle(IoUringIoHandle channel) {
            this.channel = channel;
        }

        @Override
        public void handle(IoRegistration registration, IoEvent event) {
            if (!connects && holdsBack(registration, (IoUringIoEvent) event)) {
                return;
            }
            channel.handle(registration, event);
        }

        /** Whether that is to be passed on later; passes on what came before if not. */
        private boolean holdsBack(IoRegistration registration, IoUringIoEvent event) {
            // Only of a poll that stays armed: the ring counts the last event of one as its end.
            if (event.opcode() != POLL_ADD || event.res() != POLLIN || (event.flags() & MORE) == 0) {
                if (event.opcode() == CONNECT) {
                    connects = true;
                }
                letIn(); // what came before
                return false;
            }
            if (held) {
                return true; // The news is the same.
            }
            this.registration = registration;
            if (readable == null || readable.userData() != event.userData() || readable.flags() != event.flags()) {
                readable = new IoUringIoEvent(POLLIN, event.flags(), POLL_ADD, event.userData());
            }
            held = true;
            waiting.add(this);
            return true;
        }

        /** Passes on what was held back, if anything. */
        boolean letIn() {
            if (!held) {
                return false;
            }
            held = false;
            try {
                channel.handle(requireNonNull(registration), requireNonNull(readable));
            } catch (RuntimeException e) {
                // As Netty does. It would end the loop's thread, or take along the event that comes after this one.
                LOG.error("a bug: the event loop goes on", e);
            }
            return true;
        }

        @Override
        public void registered() {
            channel.registered();
        }

        @Override
        public void unregistered() {
            held = false;
            channel.unregistered();
        }

        @Override
        public void close() throws Exception {
            channel.close();
        }
    }

    /** The loop's view of a turn that must not wait, for there is somebody to be let in. */
    private static final class Unblocked implements IoHandlerContext {
        private @Nullable IoHandlerContext context;

        IoHandlerContext of(IoHandlerContext context) {
            this.context = context;
            return this;
        }

        @Override
        public boolean canBlock() {
            return false;
        }

        @Override
        public long delayNanos(long now) {
            return requireNonNull(context).delayNanos(now);
        }

        @Override
        public long deadlineNanos() {
            return requireNonNull(context).deadlineNanos();
        }

        @Override
        public void reportActiveIoTime(long nanos) {
            requireNonNull(context).reportActiveIoTime(nanos);
        }

        @Override
        public boolean shouldReportActiveIoTime() {
            return requireNonNull(context).shouldReportActiveIoTime();
        }
    }
}
