package weir.http;

import java.time.Instant;
import java.util.concurrent.TimeUnit;

/**
 * The time of day of readings of {@link System#nanoTime()}, without another call of the system for each. It looks at
 * the time of day ten times a second, so that much later it follows when that is set. Thread-safe.
 */
final class WallClock {
    private static final long RENEWED_NANOS = 100_000_000L;
    private static final long NANOS_PER_MILLI = 1_000_000L;
    private static final long APART_NANOS = 50_000L;
    private static final int MOST_LOOKS = 5;

    private static volatile Anchor anchor = Anchor.now();

    private WallClock() {}

    /** Milliseconds since 1970 at that moment, which is not long ago. */
    static long millis(long nanos) {
        Anchor known = anchor;
        long since = nanos - known.nanos;
        if (since > RENEWED_NANOS) {
            known = Anchor.now();
            anchor = known;
            since = nanos - known.nanos;
        }
        return known.millis + Math.floorDiv(known.nanosOfMilli + since, NANOS_PER_MILLI);
    }

    private record Anchor(long nanos, long millis, long nanosOfMilli) {
        /** Both clocks at one moment: looks again when the thread seems to have been away in between. */
        static Anchor now() {
            long nanos = System.nanoTime();
            Instant now = Instant.now();
            long after = System.nanoTime();
            for (int i = 0; i < MOST_LOOKS && after - nanos > APART_NANOS; i++) {
                nanos = after;
                now = Instant.now();
                after = System.nanoTime();
            }
            return new Anchor(
                    nanos,
                    TimeUnit.SECONDS.toMillis(now.getEpochSecond()) + now.getNano() / NANOS_PER_MILLI,
                    now.getNano() % NANOS_PER_MILLI);
        }
    }
}
