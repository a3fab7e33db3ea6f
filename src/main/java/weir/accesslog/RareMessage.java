package weir.accesslog;

import java.util.concurrent.TimeUnit;

/** Keeps a message that could be said all the time to once in ten seconds. Confined to one thread. */
final class RareMessage {
    private static final long INTERVAL_NANOS = TimeUnit.SECONDS.toNanos(10);

    private long last = System.nanoTime() - INTERVAL_NANOS;

    /** Whether it may be said now; if so, the interval begins. */
    boolean isDue() {
        long now = System.nanoTime();
        if (now - last < INTERVAL_NANOS) {
            return false;
        }
        last = now;
        return true;
    }
}
