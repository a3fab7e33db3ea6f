package weir.discovery;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ShrinkGuardTest {
    private static final long SECOND = 1_000_000_000L;

    private final ShrinkGuard guard = new ShrinkGuard(Duration.ofSeconds(30));

    private static List<ConsulInstance> instances(int... ports) {
        List<ConsulInstance> all = new ArrayList<>();
        for (int port : ports) {
            all.add(new ConsulInstance(
                    "n/" + port, "127.0.0.1", "127.0.0.1", port, 1, null, List.of(), Map.of(), null));
        }
        return all;
    }

    private static List<Integer> ports(List<ConsulInstance> instances) {
        return instances.stream().map(ConsulInstance::port).sorted().toList();
    }

    private List<Integer> accept(long seconds, int... ports) {
        return ports(guard.accept(instances(ports), seconds * SECOND));
    }

    private List<Integer> at(long seconds) {
        return ports(guard.expire(seconds * SECOND));
    }

    @Test
    void letsOneOfTwoGoAtOnce() {
        accept(0, 1, 2);
        assertEquals(List.of(2), accept(1, 2));
        assertEquals(0, guard.held());
    }

    @Test
    void holdsTheLastOneForAWhile() {
        accept(0, 1);
        assertEquals(List.of(1), accept(1));
        assertEquals(1, guard.held());
        assertEquals(List.of(1), at(30));
        assertEquals(List.of(), at(31));
        assertEquals(0, guard.held());
    }

    @Test
    void holdsAllWhenAllAreGone() {
        accept(0, 1, 2, 3, 4, 5);
        assertEquals(List.of(1, 2, 3, 4, 5), accept(1));
    }

    @Test
    void holdsMoreThanHalfOfFour() {
        accept(0, 1, 2, 3, 4);
        assertEquals(List.of(1, 2, 3, 4), accept(1, 4));
        assertEquals(3, guard.held());
        assertEquals(List.of(4), at(31));
    }

    @Test
    void letsHalfOfFourGoAtOnce() {
        accept(0, 1, 2, 3, 4);
        assertEquals(List.of(3, 4), accept(1, 3, 4));
    }

    @Test
    void letsTwoOfThreeGoAtOnce() {
        accept(0, 1, 2, 3);
        assertEquals(List.of(3), accept(1, 3));
    }

    @Test
    void letsAllGoThatAreReplaced() {
        accept(0, 1, 2, 3, 4);
        assertEquals(List.of(5, 6, 7, 8), accept(1, 5, 6, 7, 8));
    }

    @Test
    void forgetsThoseHeldWhenTheAnswerIsWholeAgain() {
        accept(0, 1, 2, 3, 4);
        accept(1, 4);
        assertEquals(List.of(2, 3, 4), accept(2, 2, 3, 4), "one of four is missing now: that is news");
        assertEquals(0, guard.held());
        assertEquals(List.of(2, 3, 4), at(60));
    }

    @Test
    void doesNotHoldLongerBecauseTheAnswerIsRepeated() {
        accept(0, 1, 2, 3, 4);
        accept(1, 4);
        accept(20, 4);
        assertEquals(List.of(1, 2, 3, 4), accept(30, 4));
        assertEquals(List.of(4), accept(31, 4));
    }

    @Test
    void holdsWhatGoesWhileOthersAreHeldForItsOwnTime() {
        accept(0, 1, 2, 3, 4);
        accept(1, 4);
        assertEquals(List.of(1, 2, 3, 4), accept(20));
        assertEquals(List.of(4), at(31));
        assertEquals(List.of(4), at(49));
        assertEquals(List.of(), at(50));
    }

    @Test
    void holdsNothingWhenTurnedOff() {
        ShrinkGuard off = new ShrinkGuard(Duration.ZERO);
        off.accept(instances(1, 2, 3, 4), 0);
        assertEquals(List.of(), off.accept(List.of(), SECOND));
    }

    @Test
    void takesTheAnswersOwnFactsOfInstancesThatStay() {
        accept(0, 1);
        ConsulInstance critical =
                new ConsulInstance("n/1", "127.0.0.1", "127.0.0.1", 1, 1, null, List.of(), Map.of(), "critical");
        assertEquals(List.of(critical), guard.accept(List.of(critical), SECOND));
        assertEquals(List.of(critical), guard.accept(List.of(), 2 * SECOND), "held, and still critical");
    }
}
