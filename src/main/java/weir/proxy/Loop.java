package weir.proxy;

import io.netty.channel.EventLoop;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import weir.accesslog.LoopLog;
import weir.connection.ConnectionPool;
import weir.http.HeadPool;
import weir.http.Tick;

/**
 * What one event loop owns: its pools, tick, log buffer and counters. Found once, when a connection is accepted.
 * Confined to that event loop but for {@link #expire}.
 */
public final class Loop {
    private final int index;
    private final EventLoop eventLoop;
    private final Tick tick;
    private final HeadPool heads;
    private final ConnectionPool pool;
    private final LoopLog log;
    private final ProxyMetrics metrics;
    private final SplittableRandom random;
    private final HttpDate date = new HttpDate();
    private volatile boolean expired;

    /** Puts the parts of loop number {@code index} together. */
    public Loop(
            int index,
            EventLoop eventLoop,
            Tick tick,
            HeadPool heads,
            ConnectionPool pool,
            LoopLog log,
            ProxyMetrics metrics,
            SplittableRandom random) {
        this.index = index;
        this.eventLoop = eventLoop;
        this.tick = tick;
        this.heads = heads;
        this.pool = pool;
        this.log = log;
        this.metrics = metrics;
        this.random = random;
    }

    /** The number of this loop, from 0. */
    public int index() {
        return index;
    }

    /** The event loop itself. */
    public EventLoop eventLoop() {
        return eventLoop;
    }

    /** The coarse clock. */
    public Tick tick() {
        return tick;
    }

    /** Heads to use again. */
    public HeadPool heads() {
        return heads;
    }

    /** Connections to backends. */
    public ConnectionPool pool() {
        return pool;
    }

    /** Where log lines are rendered. */
    public LoopLog log() {
        return log;
    }

    /** The counters of exchanges. */
    public ProxyMetrics metrics() {
        return metrics;
    }

    /** Randomness for back-off and ids. */
    public SplittableRandom random() {
        return random;
    }

    /** The value of a Date field now. */
    byte[] date() {
        return date.at(System.currentTimeMillis());
    }

    /** Runs a task on the loop when so much time has passed. */
    public void schedule(Runnable task, long nanos) {
        eventLoop.schedule(task, nanos, TimeUnit.NANOSECONDS);
    }

    /** Ends what is still going on at the next tick: the drain took too long. Any thread. */
    public void expire() {
        expired = true;
    }

    /** Whether {@link #expire} was called. */
    public boolean expired() {
        return expired;
    }
}
