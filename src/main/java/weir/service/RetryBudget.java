package weir.service;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.AtomicLong;

/**
 * How many retries a service may still afford: a percentage of its requests over the last ten seconds, but always
 * {@value #FLOOR_PER_SECOND} per second. Retries multiply the load on backends that are already in trouble; a budget
 * bounds that where a count of attempts cannot.
 *
 * <p>Counts only grow: a request adds to the cell of its own loop, a retry to one atomic counter, and what was counted
 * before the window is subtracted. So nothing is reset while others count. {@link #tick} moves the window once a second
 * on the control thread, which keeps the clock off the path of a request; the window is ten to eleven seconds long.
 * Thread-safe.
 */
final class RetryBudget {
    static final int WINDOW_SECONDS = 10;
    static final int FLOOR_PER_SECOND = 3;

    private static final int PAD = 16;
    private static final VarHandle CELL = MethodHandles.arrayElementVarHandle(long[].class);

    private final long[] requests;
    private final AtomicLong retries = new AtomicLong();
    private final Mark[] marks = new Mark[WINDOW_SECONDS];
    private int ticks;
    private volatile Mark windowStart = Mark.ZERO;

    /** What was counted when a second began. */
    private record Mark(long requests, long retries) {
        static final Mark ZERO = new Mark(0, 0);
    }

    RetryBudget(int loops) {
        this.requests = new long[(loops + 1) * PAD];
    }

    void countRequest(int loop) {
        int i = (loop + 1) * PAD - 1;
        CELL.setOpaque(requests, i, (long) CELL.getOpaque(requests, i) + 1);
    }

    boolean mayRetry(int percent) {
        Mark start = windowStart;
        long allowed = Math.max(FLOOR_PER_SECOND * WINDOW_SECONDS, (requests() - start.requests) * percent / 100);
        while (true) {
            long counted = retries.get();
            if (counted - start.retries >= allowed) {
                return false;
            }
            if (retries.compareAndSet(counted, counted + 1)) {
                return true;
            }
        }
    }

    /** One second has passed. Control thread only. */
    void tick() {
        int i = ticks++ % WINDOW_SECONDS;
        Mark oldest = marks[i];
        marks[i] = new Mark(requests(), retries.get());
        if (oldest != null) {
            windowStart = oldest;
        }
    }

    private long requests() {
        long sum = 0;
        for (int i = PAD - 1; i < requests.length; i += PAD) {
            sum += (long) CELL.getOpaque(requests, i);
        }
        return sum;
    }
}
