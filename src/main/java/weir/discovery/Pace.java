package weir.discovery;

import java.time.Duration;

/**
 * Holds a watch to so many answers over time, for a resource that changes all the time (Consul's "Rate Limit" rule for
 * blocking queries): a few at once, then one per interval. Time is passed in, in nanoseconds. Confined to one thread.
 */
final class Pace {
    private final int burst;
    private final long intervalNanos;
    private double tokens;
    private long filledAt;

    Pace(int burst, Duration interval, long now) {
        this.burst = burst;
        this.intervalNanos = interval.toNanos();
        this.tokens = burst;
        this.filledAt = now;
    }

    /** Takes one turn; returns how long to wait for it. */
    long takeNanos(long now) {
        tokens = Math.min(burst, tokens + (double) (now - filledAt) / intervalNanos);
        filledAt = now;
        tokens--;
        return tokens >= 0 ? 0 : (long) (-tokens * intervalNanos);
    }
}
