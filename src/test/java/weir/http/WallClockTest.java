package weir.http;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class WallClockTest {
    private static final long SLACK_MILLIS = 1;

    @Test
    void saysTheTimeOfDayOfAReading() {
        for (int ahead = 0; ahead <= 500; ahead += 125) { // from the second on over the time after which it looks again
            long before = System.currentTimeMillis() + ahead;
            long millis = WallClock.millis(System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(ahead));
            long after = System.currentTimeMillis() + ahead;
            assertTrue(
                    millis >= before - SLACK_MILLIS && millis <= after + SLACK_MILLIS,
                    () -> before + " to " + after + ", but " + millis);
        }
    }

    @Test
    void goesBackAsFarAsTheReadingDoes() {
        long now = System.nanoTime();
        long later = WallClock.millis(now);
        long earlier = WallClock.millis(now - TimeUnit.SECONDS.toNanos(2));
        assertTrue(Math.abs(later - 2_000 - earlier) <= SLACK_MILLIS, later + " after " + earlier);
    }
}
