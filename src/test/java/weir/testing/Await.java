package weir.testing;

import java.io.IOException;
import java.time.Duration;
import java.util.function.Supplier;

/** Waits for what another process does in its own time: looks again and again, and gives up at last. Thread-safe. */
public final class Await {
    private Await() {}

    /** Something that is true sooner or later. */
    @FunctionalInterface
    public interface Condition {
        /** Whether it is true now. */
        boolean holds() throws IOException, InterruptedException;
    }

    /** Returns when the condition holds; fails with the message when it never does. */
    public static void until(Condition condition, Supplier<String> message) throws IOException, InterruptedException {
        until(condition, WeirProcess.PATIENCE, message);
    }

    /** The same for what may take longer on a slow machine that has other work, too. */
    public static void until(Condition condition, Duration patience, Supplier<String> message)
            throws IOException, InterruptedException {
        long end = System.nanoTime() + patience.toNanos();
        while (!condition.holds()) {
            if (System.nanoTime() - end > 0) {
                throw new AssertionError(message.get());
            }
            Thread.sleep(20);
        }
    }
}
