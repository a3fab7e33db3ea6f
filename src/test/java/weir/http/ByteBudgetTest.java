package weir.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import weir.http.ByteBudget.Stage;

final class ByteBudgetTest {
    private static final long MIB = 1 << 20;

    private final List<String> acted = new ArrayList<>();
    private final List<Stage> changes = new ArrayList<>();
    private final ByteBudget budget = new ByteBudget(
            (stage, n) -> {
                if (n > 0) {
                    acted.add(stage + " " + n);
                }
            },
            (of, stage) -> changes.add(stage));
    private long now;

    /** A connection that notes what is done to it. */
    private final class Connection implements Holding.Holder {
        final Holding holding = new Holding(budget, this);
        boolean idle;
        boolean reset;

        Connection(long bytes) {
            holding.join(now);
            holding.add(bytes);
        }

        @Override
        public void regulate() {}

        @Override
        public boolean closeIfIdle() {
            return idle;
        }

        @Override
        public void reset() {
            reset = true;
        }
    }

    ByteBudgetTest() {
        budget.limit(100 * MIB);
        tick();
    }

    private void tick() {
        now += 100_000_000;
        budget.tick(now);
    }

    @Test
    void stopsThoseAboveTheirShareAtSixtyPerCent() {
        Connection large = new Connection(59 * MIB);
        Connection small = new Connection(32 * 1024);
        tick();
        assertEquals(List.of(), changes);
        large.holding.add(2 * MIB);
        assertTrue(large.holding.stopped(), "at once");
        tick();
        assertEquals(List.of(Stage.SHARES), changes);
        assertFalse(small.holding.stopped());
        large.holding.add(-40 * MIB);
        tick();
        assertEquals(List.of(Stage.SHARES, Stage.CALM), changes);
        assertFalse(large.holding.stopped());
    }

    @Test
    void closesIdleConnectionsAtSeventyFivePerCent() {
        Connection large = new Connection(74 * MIB);
        Connection idle = new Connection(0);
        idle.idle = true;
        tick();
        assertFalse(idle.holding.closes());
        large.holding.add(2 * MIB);
        assertTrue(idle.holding.closes());
        tick();
        assertTrue(acted.contains("IDLE 1"), acted.toString());
    }

    @Test
    void resetsTheLargestThatStallUntilThreeQuartersAreHeld() {
        Connection progressing = new Connection(30 * MIB);
        List<Connection> stalled = new ArrayList<>();
        for (int i = 0; i < 14; i++) {
            stalled.add(new Connection(4 * MIB));
        }
        for (int i = 0; i < 11; i++) {
            progressing.holding.progress();
            tick();
        }
        assertEquals(Stage.SHED, changes.get(0));
        assertEquals(3, stalled.stream().filter(c -> c.reset).count());
        assertFalse(progressing.reset);
    }

    @Test
    void refusesNewConnectionsAtNinetyFivePerCent() {
        Connection large = new Connection(90 * MIB);
        assertFalse(budget.refuses());
        large.holding.add(6 * MIB);
        assertTrue(budget.refuses());
        large.holding.leave();
        tick();
        assertFalse(budget.refuses());
        assertEquals(0, budget.held());
    }

    @Test
    void forgetsWhatPartsOfAClosedConnectionGiveBackLater() {
        Connection gone = new Connection(MIB);
        gone.holding.leave();
        gone.holding.add(-MIB);
        tick();
        assertEquals(0, budget.held());
    }

    @Test
    void brakesThoseWhoReadForManyWhileConnectionsAreReset() {
        List<Boolean> brakes = new ArrayList<>();
        budget.join(brakes::add);
        Connection large = new Connection(86 * MIB);
        assertEquals(List.of(true), brakes);
        large.holding.leave();
        tick();
        assertEquals(List.of(true, false), brakes);
    }
}
