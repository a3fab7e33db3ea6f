package weir.loop;

import io.netty.channel.IoHandle;
import io.netty.channel.IoHandler;
import io.netty.channel.IoHandlerContext;
import io.netty.channel.IoRegistration;

/**
 * Follows how far a loop has come with what the kernel reports to it. Everything that the kernel had at a mark is
 * delivered when a turn behind it finds nothing to do; or, in a loop that always has something to do, when two turns have
 * passed behind the one that brought the last report of that time, as io_uring reads what it reported in the next turn.
 * Of the loop's thread, but for {@link #wakeup}.
 */
public final class LoopTurns implements IoHandler, Delivery {
    private static final int SETTLING = 2;

    private final IoHandler io;
    private final Backlog backlog;
    private boolean over = true;
    private boolean reported;
    private long last;
    private int settled;

    /** Reports of the kernel that wait for their turn. Confined to one event loop. */
    public interface Backlog {
        /** There is none: everything is passed on as it comes. */
        Backlog NONE = new Backlog() {
            @Override
            public long queued() {
                return 0;
            }

            @Override
            public long passed() {
                return 0;
            }
        };

        /** That of a handler, or of the one that it wraps. */
        static Backlog of(IoHandler io) {
            return io instanceof Backlog own ? own : NONE;
        }

        /** How many were put into the queue so far. */
        long queued();

        /** How many have left it, in the same order. */
        long passed();
    }

    /** Follows the loop of that handler. */
    public LoopTurns(IoHandler io) {
        this.io = io;
        this.backlog = Backlog.of(io);
    }

    @Override
    public void mark() {
        over = false;
        reported = false;
        settled = 0;
    }

    @Override
    public boolean delivered() {
        return over;
    }

    @Override
    public int run(IoHandlerContext context) {
        int handled = io.run(context);
        if (!over) {
            turned(handled);
        }
        return handled;
    }

    private void turned(int handled) {
        if (!reported) {
            reported = true;
            last = backlog.queued();
        }
        if (backlog.passed() - last >= 0) {
            settled++;
            boolean nothing = handled == 0 && backlog.passed() == backlog.queued();
            over = nothing || settled > SETTLING;
        }
    }

    @Override
    public void initialize() {
        io.initialize();
    }

    @Override
    public void prepareToDestroy() {
        io.prepareToDestroy();
    }

    @Override
    public void destroy() {
        io.destroy();
    }

    @Override
    public IoRegistration register(IoHandle handle) throws Exception {
        return io.register(handle);
    }

    @Override
    public void wakeup() {
        io.wakeup();
    }

    @Override
    public boolean isCompatible(Class<? extends IoHandle> type) {
        return io.isCompatible(type);
    }
}
