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
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import weir.loop.LoopTurns;

/**
 * Finishes what is begun before it begins more: of what io_uring reports, that a client has sent something is passed on
 * last, and of few clients at a time. Under load a loop otherwise takes up every request there is before it looks at the
 * first response, so hundreds are under way at once, each with a backend connection of its own, and what belongs to a
 * request has long left the caches of the core when its response comes. Nobody starves: every turn lets some in, in the
 * order they came.
 *
 * <p>It also has a socket rest for a moment that could not accept for want of a file descriptor or of memory: Netty would
 * accept again at once, each time in vain, as long as there is none.
 *
 * <p>Of the loop's thread, but for {@link #wakeup}.
 */
final class BegunFirst implements IoHandler, LoopTurns.Backlog {
    private static final Logger LOG = LoggerFactory.getLogger(BegunFirst.class);

    /** How many clients a turn of the loop lets in: enough that they share the cost of a system call (measured). */
    static final int BATCH = 64;

    /** How long a socket rests that could not accept. */
    static final long REST_NANOS = 100_000_000L;

    private final IoHandler ring;
    private final LongSupplier nanoTime;
    private final ArrayDeque<Handle> waiting = new ArrayDeque<>();
    private final ArrayDeque<Handle> resting = new ArrayDeque<>();
    private final Unblocked unblocked = new Unblocked();
    private long queued;
    private long passed;

    private BegunFirst(IoHandler ring, LongSupplier nanoTime) {
        this.ring = ring;
        this.nanoTime = nanoTime;
    }

    /** Handlers of io_uring that do so. */
    static IoHandlerFactory over(IoHandlerFactory rings) {
        return over(rings, System::nanoTime);
    }

    static IoHandlerFactory over(IoHandlerFactory rings, LongSupplier nanoTime) {
        return new IoHandlerFactory() {
            @Override
            public IoHandler newHandler(ThreadAwareExecutor loop) {
                return new BegunFirst(rings.newHandler(loop), nanoTime);
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
        if (!resting.isEmpty()) {
            wake(nanoTime.getAsLong());
        }
        return handled;
    }

    /** The loop's tick sees to it that there is a turn soon. */
    private void wake(long nowNanos) {
        Handle next = resting.peek();
        while (next != null && nowNanos - next.restsUntil >= 0) {
            resting.poll().letIn();
            next = resting.peek();
        }
    }

    private void letIn(int most) {
        int clients = 0;
        while (clients < most) {
            Handle next = waiting.poll();
            if (next == null) {
                return;
            }
            passed++;
            if (next.letIn()) {
                clients++;
            }
        }
    }

    @Override
    public long queued() {
        return queued;
    }

    @Override
    public long passed() {
        return passed;
    }

    @Override
    public void prepareToDestroy() {
        letIn(Integer.MAX_VALUE);
        resting.clear();
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
        private static final byte ACCEPT = 13;
        private static final byte CONNECT = 16;
        private static final int MORE = 1 << 1;
        private static final int POLLIN = 1;
        // Of asm-generic/errno-base.h and errno.h: what accept(2) lacks.
        private static final int ENOMEM = -12;
        private static final int ENFILE = -23;
        private static final int EMFILE = -24;
        private static final int ENOBUFS = -105;

        private final IoUringIoHandle channel;
        private boolean connects; // to a backend: its news are never held back
        private boolean held;
        private @Nullable IoRegistration registration;
        private @Nullable IoUringIoEvent news;
        private long restsUntil;

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
            if (event.opcode() == ACCEPT && lacking(event.res())) {
                rest(registration, event);
                return true;
            }
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
            if (news == null || news.userData() != event.userData() || news.flags() != event.flags()) {
                news = new IoUringIoEvent(POLLIN, event.flags(), POLL_ADD, event.userData());
            }
            held = true;
            waiting.add(this);
            queued++;
            return true;
        }

        private static boolean lacking(int error) {
            return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
        }

        /** Netty would accept again at once, and again, as long as there is no file descriptor. */
        private void rest(IoRegistration registration, IoUringIoEvent event) {
            this.registration = registration;
            news = new IoUringIoEvent(event.res(), event.flags(), ACCEPT, event.userData());
            held = true;
            restsUntil = nanoTime.getAsLong() + REST_NANOS;
            resting.add(this);
        }

        /** Passes on what was held back, if anything. */
        boolean letIn() {
            if (!held) {
                return false;
            }
            held = false;
            try {
                channel.handle(requireNonNull(registration), requireNonNull(news));
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
