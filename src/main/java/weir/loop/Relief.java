package weir.loop;

import io.netty.util.concurrent.EventExecutor;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import weir.metrics.LoopCounter;
import weir.metrics.MetricFamily;
import weir.metrics.Metrics;

/**
 * Closes idle connections when something runs out: of the loop that asks first, then of the others. Made whole before the
 * loops take connections, then thread-safe.
 */
public final class Relief {
    /** What closing takes on io_uring: it cancels, waits for what is under way, and closes, over some turns of the loop. */
    private static final long CLOSING_MILLIS = 5;

    private final List<Loop> loops = new ArrayList<>();
    private final LoopCounter backends;
    private final LoopCounter clients;

    /** What one loop has to close. Called on that loop. */
    public interface Idle {
        /** Closes the connection to a backend that has been idle for the longest time; false for none. */
        boolean evictBackend();

        /**
         * Closes the clients that have waited longest without a request, a few at most; returns how many.
         *
         * @param withDescriptor only such whose end frees a file descriptor
         */
        int evictClients(boolean withDescriptor);
    }

    /** Told on its own loop whether something was closed. */
    @FunctionalInterface
    public interface Asker {
        /** Called once. */
        void relieved(boolean closed);
    }

    private record Loop(int index, EventExecutor executor, Idle idle) {}

    /** One that counts there. */
    public Relief(Metrics metrics) {
        backends = metrics.counter(MetricFamily.CONNECTIONS_EVICTED, "side", "backend");
        clients = metrics.counter(MetricFamily.CONNECTIONS_EVICTED, "side", "client");
    }

    /** Adds a loop. */
    public void join(EventExecutor loop, Idle idle) {
        loops.add(new Loop(loops.size(), loop, idle));
    }

    /** Closes something that has a descriptor: idle backend connections first, then idle clients. */
    public void descriptors(EventExecutor own, Asker asker) {
        ask(own, false, asker);
    }

    /** Closes an idle client of that loop, at once; false when there is none. On that loop. */
    public boolean client(EventExecutor own) {
        Loop mine = of(own);
        return mine != null && evicts(mine, true);
    }

    /** Closes an idle client. */
    public void clients(EventExecutor own, Asker asker) {
        ask(own, true, asker);
    }

    private void ask(EventExecutor own, boolean clientsOnly, Asker asker) {
        Loop mine = of(own);
        if (mine == null || !evicts(mine, clientsOnly)) {
            askNext(0, own, clientsOnly, asker);
        } else {
            own.schedule(() -> asker.relieved(true), CLOSING_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    private void askNext(int index, EventExecutor own, boolean clientsOnly, Asker asker) {
        int next = index < loops.size() && loops.get(index).executor() == own ? index + 1 : index;
        if (next >= loops.size()) {
            answer(own, asker, false);
            return;
        }
        Loop other = loops.get(next);
        try {
            other.executor().execute(() -> {
                if (evicts(other, clientsOnly)) {
                    answer(own, asker, true);
                } else {
                    askNext(next + 1, own, clientsOnly, asker);
                }
            });
        } catch (RejectedExecutionException ending) {
            answer(own, asker, false);
        }
    }

    private static void answer(EventExecutor own, Asker asker, boolean closed) {
        try {
            own.schedule(() -> asker.relieved(closed), closed ? CLOSING_MILLIS : 0, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException ending) {
            // There is nobody to be told.
        }
    }

    private boolean evicts(Loop loop, boolean clientsOnly) {
        if (!clientsOnly && loop.idle().evictBackend()) {
            backends.increment(loop.index());
            return true;
        }
        int evicted = loop.idle().evictClients(!clientsOnly);
        if (evicted > 0) {
            clients.add(loop.index(), evicted);
        }
        return evicted > 0;
    }

    private @Nullable Loop of(EventExecutor executor) {
        for (Loop loop : loops) {
            if (loop.executor() == executor) {
                return loop;
            }
        }
        return null;
    }
}
