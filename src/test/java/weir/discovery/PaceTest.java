package weir.discovery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class PaceTest {
    private static final long MILLI = 1_000_000L;

    @Test
    void letsABurstThroughAndThenOneForEachInterval() {
        Pace pace = new Pace(3, Duration.ofMillis(500), 0);
        for (int i = 0; i < 3; i++) {
            assertEquals(0, pace.takeNanos(0));
        }
        assertEquals(500 * MILLI, pace.takeNanos(0));
        assertEquals(500 * MILLI, pace.takeNanos(500 * MILLI));
        assertEquals(200 * MILLI, pace.takeNanos(1_300 * MILLI), 10);
    }

    @Test
    void savesNoMoreThanTheBurst() {
        Pace pace = new Pace(2, Duration.ofMillis(500), 0);
        long later = Duration.ofHours(1).toNanos();
        assertEquals(0, pace.takeNanos(later));
        assertEquals(0, pace.takeNanos(later));
        assertEquals(500 * MILLI, pace.takeNanos(later));
    }

    @Test
    void backsOffWithFullJitterUpToThirtySeconds() {
        BackOff backOff = new BackOff(new SplittableRandom(1));
        long[] bounds = {1, 2, 4, 8, 16, 30, 30, 30};
        double longest = 0;
        for (int round = 0; round < 500; round++) {
            backOff.reset();
            for (long bound : bounds) {
                double share = backOff.nextNanos() / (bound * 1e9);
                assertTrue(share >= 0 && share < 1, () -> share + " of the bound of " + bound + " s");
                longest = Math.max(longest, share);
            }
        }
        assertTrue(longest > 0.99, "the jitter is full");
    }

    @Test
    void startsOverOnlyWhenTheIndexGoesBackwards() {
        assertEquals(7, ConsulLoop.next(5, 7));
        assertEquals(5, ConsulLoop.next(5, 5));
        assertEquals(0, ConsulLoop.next(5, 4));
        assertEquals(0, ConsulLoop.next(5, 0));
    }
}
