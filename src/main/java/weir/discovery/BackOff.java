package weir.discovery;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * Pauses after failures: full jitter below a bound that doubles from 1 s to 30 s ("Exponential Backoff And Jitter",
 * AWS Architecture Blog, 2015). Confined to one thread.
 */
final class BackOff {
    private static final Duration FIRST = Duration.ofSeconds(1);
    private static final Duration LONGEST = Duration.ofSeconds(30);

    private final RandomGenerator random;
    private long boundNanos = FIRST.toNanos();

    BackOff(RandomGenerator random) {
        this.random = random;
    }

    /** The pause after one more failure, in nanoseconds. */
    long nextNanos() {
        long pause = (long) (random.nextDouble() * boundNanos);
        boundNanos = Math.min(LONGEST.toNanos(), boundNanos * 2);
        return pause;
    }

    /** Forgets failures. */
    void reset() {
        boundNanos = FIRST.toNanos();
    }
}
