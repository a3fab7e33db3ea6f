package weir.http2;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import weir.http.ByteBudget;
import weir.http.Holding;

/** A window grows with what one round trip brings, while the receiver keeps up and the loop's budget has room. */
final class ReceiveWindowTest {
    private static final int STEP = 16 * 1024;
    private static final long MEBIBYTE = 1 << 20;

    private final ByteBudget budget = new ByteBudget();
    private final WindowGrowth growth = new WindowGrowth();
    private Holding holding = new Holding(budget, new Nobody());
    private ReceiveWindow window = new ReceiveWindow(growth);
    private long now;
    private int room = ReceiveWindow.FIRST;

    private static final class Nobody implements Holding.Holder {
        @Override
        public void regulate() {}

        @Override
        public boolean closeIfIdle() {
            return false;
        }

        @Override
        public void reset() {}
    }

    @BeforeEach
    void begin() {
        budget.limit(64 * MEBIBYTE);
        budget.tick(0);
        holding.join(0);
        window.begin(holding);
    }

    /** The peer sends all it may, at once, and hears a round trip later what it was given. Returns how much it sent. */
    private int roundTrip(boolean waits) {
        int sent = 0;
        int given = 0;
        boolean asked = growth.asks(now);
        while (room >= STEP) {
            room -= STEP;
            sent += STEP;
            assertTrue(window.admits(STEP));
            given += window.took(STEP, waits);
        }
        room += given;
        if (asked) {
            growth.answered(now);
        }
        now += TimeUnit.MILLISECONDS.toNanos(100);
        return sent;
    }

    private int largest(boolean waits) {
        int largest = 0;
        for (int i = 0; i < 100; i++) {
            largest = Math.max(largest, roundTrip(waits));
        }
        return largest;
    }

    @Test
    void growsToItsBoundWhereTheWindowIsWhatHoldsThePeerBack() {
        assertEquals(WindowGrowth.MOST, largest(false), STEP);
    }

    @Test
    void staysWhereBytesWaitForTheirReceiver() {
        assertEquals(ReceiveWindow.FIRST, largest(true), STEP);
    }

    @Test
    void shrinksToTheFirstWhenTheReceiverFallsBehind() {
        largest(false);
        largest(true);
        assertEquals(ReceiveWindow.FIRST, roundTrip(true), STEP);
        assertTrue(holding.isEmpty(), "what was granted is given back");
    }

    @Test
    void staysWhereThePeerDoesNotUseIt() {
        for (int i = 0; i < 100; i++) {
            if (growth.asks(now)) {
                window.admits(STEP);
                window.took(STEP, false);
                growth.answered(now);
            }
            now += TimeUnit.SECONDS.toNanos(1);
        }
        assertEquals(ReceiveWindow.FIRST, growth.window());
    }

    @Test
    void asksAtMostFiveTimesASecondInVain() {
        assertTrue(growth.asks(now));
        growth.answered(now);
        assertFalse(growth.asks(now + TimeUnit.MILLISECONDS.toNanos(199)));
        assertTrue(growth.asks(now + TimeUnit.MILLISECONDS.toNanos(200)));
    }

    @Test
    void allTogetherGrowByAQuarterOfTheBudget() {
        budget.limit(4 * MEBIBYTE);
        budget.tick(0);
        assertTrue(largest(false) <= MEBIBYTE + ReceiveWindow.FIRST * 2 + STEP);
        window.end();
        assertTrue(holding.isEmpty());
        holding.join(0);
        window = new ReceiveWindow(growth);
        window.begin(holding);
        room = ReceiveWindow.FIRST;
        assertTrue(largest(false) > ReceiveWindow.FIRST, "the next has what the last gave back");
    }

    @Test
    void aConnectionThatEndsGivesBackWhatItsStreamsWereGranted() {
        largest(false);
        holding.leave();
        window.end();
        holding = new Holding(budget, new Nobody());
        holding.join(0);
        assertTrue(holding.grant(16 * MEBIBYTE), "all of the quarter is there again");
    }
}
