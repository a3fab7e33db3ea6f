package weir.http;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class WallClockTest {
    private static final long SLACK_MILLIS = 1;

    @Test
    void saysTheTimeOfDayOfAReading() throws InterruptedException {
        for (int i = 0; i < 5; i++) {
            long before = System.currentTimeMillis();
            long millis = WallClock.millis(System.nanoTime());
            long after = System.currentTimeMillis();
            assertTrue(
                    millis >= before - SLACK_MILLIS && millis <= after + SLACK_MILLIS,
                    () -> before + " to " + after + ", but " + millis);
            Thread.sleep(60); // over the time after which it looks again
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
