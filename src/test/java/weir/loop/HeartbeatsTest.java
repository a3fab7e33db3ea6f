package weir.loop;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class HeartbeatsTest {
    private final Heartbeats beats = new Heartbeats(2, 0);
    private long now;

    private List<Integer> pass(long millis, boolean firstTicks) {
        List<Integer> silent = List.of();
        for (long end = now + TimeUnit.MILLISECONDS.toNanos(millis); now < end; ) {
            now += TimeUnit.MILLISECONDS.toNanos(100);
            if (firstTicks) {
                beats.beat(0, now);
            }
            beats.beat(1, now);
            silent = beats.observe(now);
        }
        return silent;
    }

    @Test
    void namesTheLoopThatDoesNotTick() {
        assertEquals(List.of(), pass(4_900, false));
        assertEquals(List.of(0), pass(100, false));
        assertEquals(List.of(), pass(100, true));
    }

    @Test
    void takesAPauseOfTheWholeProcessForNobodysSilence() {
        pass(1_000, true);
        now += TimeUnit.MINUTES.toNanos(1);
        assertEquals(List.of(), beats.observe(now), "asked before the loops have ticked again");
        assertEquals(List.of(), pass(4_000, false));
        assertEquals(List.of(0), pass(1_100, false));
    }
}
