package weir.loop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import weir.http.Tick;

/** All times in milliseconds since the clock began. */
final class LoopClockTest {
    private static final long BEGIN = System.nanoTime();

    private final Tick tick = new Tick();
    private final Kernel kernel = new Kernel();
    private final List<Long> lags = new ArrayList<>();
    private final LoopClock clock =
            new LoopClock(tick, kernel, () -> nanos(kernel.cpu), lag -> lags.add(millis(lag)), BEGIN);
    private final Member member = new Member();
    private final Member client = new Member();

    LoopClockTest() {
        tick.join(member);
        tick.clients().join(client);
    }

    private static long nanos(long millis) {
        return TimeUnit.MILLISECONDS.toNanos(millis);
    }

    private static long millis(long nanos) {
        return TimeUnit.NANOSECONDS.toMillis(nanos);
    }

    private void run(long... millis) {
        for (long at : millis) {
            clock.run(BEGIN + nanos(at));
        }
    }

    private long waitsFrom() {
        return millis(tick.clients().now() - BEGIN);
    }

    @Test
    void asksEverybodyAtEachTick() {
        run(100, 200, 300);
        assertEquals(List.of(100L, 200L, 300L), member.asked);
        assertEquals(List.of(0L, 100L, 200L), client.asked, "clients as of the last that is known to be delivered");
        assertEquals(List.of(0L, 0L, 0L), lags);
    }

    @Test
    void waitsForNoClientBeyondWhatIsDelivered() {
        run(100);
        kernel.busy = true;
        run(200, 300, 400);
        assertEquals(List.of(0L, 0L, 0L, 0L), client.asked);
        kernel.busy = false;
        run(500, 600);
        assertEquals(List.of(100L, 500L), client.asked.subList(4, 6));
        assertEquals(List.of(100L, 200L, 300L, 400L, 500L, 600L), member.asked);
    }

    @Test
    void checksNoDeadlineAfterALateTickBeforeTheLoopHasCaughtUp() {
        run(100);
        kernel.busy = true;
        kernel.cpu = 900;
        run(1_100, 1_200);
        assertEquals(List.of(100L), member.asked);
        assertEquals(BEGIN + nanos(1_200), tick.now(), "time goes on");
        kernel.busy = false;
        run(1_300, 1_400);
        assertEquals(List.of(100L, 1_400L), member.asked);
        assertEquals(List.of(0L, 1_300L), client.asked);
    }

    @Test
    void doesNotWaitLongForALoopThatNeverCatchesUp() {
        run(100);
        kernel.busy = true;
        run(1_100, 1_600, 2_100);
        assertEquals(List.of(100L, 2_100L), member.asked);
    }

    @Test
    void aTimeInWhichTheLoopDidNotRunDoesNotCountForClients() {
        run(100);
        kernel.cpu += 20;
        run(2_700);
        run(2_800, 2_900);
        assertEquals(2_900 - 2_480, waitsFrom());
        assertEquals(List.of(100L, 2_800L, 2_900L), member.asked, "for all others it does");
        assertEquals(2_800 - 2_480, client.asked.get(client.asked.size() - 1));
    }

    @Test
    void creditIsFiveSecondsAtMost() {
        run(100);
        run(20_000);
        assertEquals(15_000, waitsFrom());
        run(24_000);
        assertEquals(19_000, waitsFrom(), "once");
        run(90_000);
        assertEquals(80_000, waitsFrom(), "another in the next minute");
    }

    @Test
    void aLoopThatWasOnlyBusyGetsNone() {
        run(100);
        kernel.cpu += 2_500;
        run(2_700);
        assertEquals(2_700, waitsFrom());
        assertTrue(member.asked.size() == 1, "but it catches up first");
    }

    @Test
    void aLittleLatenessIsNone() {
        run(100, 650);
        assertEquals(650, waitsFrom());
        assertEquals(List.of(100L, 650L), member.asked);
        assertEquals(List.of(0L, 450L), lags);
    }

    private static final class Kernel implements Delivery {
        private boolean busy;
        private long cpu;

        @Override
        public void mark() {}

        @Override
        public boolean delivered() {
            return !busy;
        }
    }

    private static final class Member implements Tick.Member {
        private final List<Long> asked = new ArrayList<>();
        private int place = -1;

        @Override
        public void tick(long nowNanos) {
            asked.add(millis(nowNanos - BEGIN));
        }

        @Override
        public int tickPlace() {
            return place;
        }

        @Override
        public void tickPlace(int place) {
            this.place = place;
        }
    }
}
