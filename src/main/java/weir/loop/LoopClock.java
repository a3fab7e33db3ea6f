package weir.loop;

import io.netty.util.concurrent.EventExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;
import weir.http.Tick;

/**
 * Runs the {@link Tick} of one event loop. What the loop is late with is not held against anybody:
 *
 * <ul>
 *   <li>What clients owe is judged by the time up to which everything was delivered that the kernel had. So a request that
 *       waits in the kernel, or in the queue of a busy loop, is read before its deadline can expire.
 *   <li>When a tick comes late by more than half a second, no deadline is checked before the loop has delivered what the
 *       kernel has for it, at most for a second.
 *   <li>Such a time in which the loop did not run at all, as when the process was stopped, does not count for clients, up
 *       to five seconds of it. A loop that was only busy used the processor, and gives no credit.
 * </ul>
 *
 * <p>Confined to that event loop.
 */
public final class LoopClock implements Runnable {
    private static final long PERIOD = TimeUnit.MILLISECONDS.toNanos(Tick.PERIOD_MILLIS);
    private static final long LATE = TimeUnit.MILLISECONDS.toNanos(500);
    private static final long MOST_HELD = TimeUnit.SECONDS.toNanos(1);

    /** Of credit, over the time in which any of it may still help a deadline. */
    private static final long MOST_CREDIT = TimeUnit.SECONDS.toNanos(5);

    private static final long CREDIT_WINDOW = TimeUnit.SECONDS.toNanos(60);

    private final Tick tick;
    private final Delivery delivery;
    private final LongSupplier cpuNanos;
    private final LongConsumer lag;
    private long due;
    private long cpu;
    private long marked;
    private long delivered;
    private boolean holds;
    private long heldSince;
    private long credit;
    private long creditSince;
    private long creditGiven;

    /**
     * A clock that is run by hand.
     *
     * @param cpuNanos the processor time of the calling thread, or always the same when it is not known
     * @param lag hears by how many nanoseconds each tick was late
     */
    LoopClock(Tick tick, Delivery delivery, LongSupplier cpuNanos, LongConsumer lag, long nowNanos) {
        this.tick = tick;
        this.delivery = delivery;
        this.cpuNanos = cpuNanos;
        this.lag = lag;
        due = nowNanos + PERIOD;
        marked = nowNanos;
        delivered = nowNanos;
        creditSince = nowNanos - CREDIT_WINDOW;
    }

    /** Has that tick run by that loop from now on. */
    public static void start(
            EventExecutor loop, Tick tick, Delivery delivery, LongSupplier cpuNanos, LongConsumer lag) {
        LoopClock clock = new LoopClock(tick, delivery, cpuNanos, lag, System.nanoTime());
        loop.scheduleWithFixedDelay(clock, PERIOD, PERIOD, TimeUnit.NANOSECONDS);
    }

    @Override
    public void run() {
        run(System.nanoTime());
        due = System.nanoTime() + PERIOD;
    }

    /** One tick at that time; the next is due a period later. */
    void run(long now) {
        long lateness = Math.max(0, now - due);
        due = now + PERIOD;
        lag.accept(lateness);
        if (delivery.delivered()) {
            delivered = marked;
            marked = now;
            delivery.mark();
        }
        long used = cpuNanos.getAsLong();
        if (lateness > LATE) {
            give(lateness - (used - cpu), now);
            hold(now);
        }
        cpu = used;
        tick.advance(now, now - credit);
        if (holds && delivered - heldSince < 0 && now - heldSince < MOST_HELD) {
            return;
        }
        holds = false;
        tick.ask(now, delivered - credit);
    }

    private void hold(long now) {
        if (!holds) {
            holds = true;
            heldSince = now;
        }
    }

    private void give(long idle, long now) {
        if (now - creditSince >= CREDIT_WINDOW) {
            creditSince = now;
            creditGiven = 0;
        }
        long more = Math.max(0, Math.min(idle, MOST_CREDIT - creditGiven));
        creditGiven += more;
        credit += more;
    }
}
