package weir.balance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import weir.service.Backend;
import weir.service.Picker;
import weir.service.Policy;

/** What every policy must do, whatever its kind. */
final class PolicyDistributionTest {
    private static final Backend[] NONE = {};

    /** A policy by name, made from a seed. */
    private record Kind(String name, Function<Long, Policy> maker) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Kind> kinds() {
        return Stream.of(
                new Kind("round-robin", seed -> new RoundRobin()),
                new Kind("least-connections", seed -> new LeastConnections()),
                new Kind("random", seed -> {
                    SplittableRandom random = new SplittableRandom(seed);
                    return new RandomPick(() -> random);
                }));
    }

    /** Requests stay in flight while they are dealt out, as least-connections counts nothing else. */
    @ParameterizedTest
    @MethodSource("kinds")
    void dealsOutRequestsInProportionToWeights(Kind kind) {
        for (Map.Entry<Integer, Integer> scale :
                Map.of(2, 20_000, 5, 20_000, 17, 40_000, 1000, 400_000).entrySet()) {
            for (long seed = 1; seed <= 4; seed++) {
                int n = scale.getKey();
                int[] weights = new SplittableRandom(seed).ints(n, 1, 101).toArray();
                int[] counts = deal(kind.maker().apply(seed), weights, scale.getValue());
                assertProportional(weights, counts, kind + ", seed " + seed + ", backends " + n);
            }
        }
    }

    private static int[] deal(Policy policy, int[] weights, int requests) {
        List<Backend> backends = RoundRobinTest.backends(weights.length);
        Picker picker = policy.picker(backends, weights);
        int[] counts = new int[weights.length];
        for (int i = 0; i < requests; i++) {
            Backend backend = picker.pick(NONE, 0);
            backend.tryAcquire(0);
            counts[backend.socketAddress().getPort() - 1]++;
        }
        return counts;
    }

    /**
     * Pearson's chi-square statistic; for k degrees of freedom its mean is k and its deviation the root of 2k. Five
     * deviations above the mean is what chance reaches less than once in ten thousand runs, and the seeds are fixed.
     */
    private static void assertProportional(int[] weights, int[] counts, String what) {
        double requests = IntStream.of(counts).sum();
        double total = IntStream.of(weights).sum();
        double chiSquare = 0;
        for (int i = 0; i < weights.length; i++) {
            double expected = requests * weights[i] / total;
            chiSquare += (counts[i] - expected) * (counts[i] - expected) / expected;
        }
        double freedom = weights.length - 1;
        double bound = freedom + 5 * Math.sqrt(2 * freedom);
        assertTrue(chiSquare <= bound, what + ": chi-square " + chiSquare + " (expected: <= " + bound + ")");
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void picksNobodyFromNobody(Kind kind) {
        Picker picker = kind.maker().apply(1L).picker(List.of(), new int[0]);
        assertNull(picker.pick(NONE, 0));
        Backend other = RoundRobinTest.backends(1).get(0);
        assertNull(picker.pick(new Backend[] {other}, 1));
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void picksTheOnlyOneUnlessItWasTried(Kind kind) {
        List<Backend> one = RoundRobinTest.backends(1);
        Picker picker = kind.maker().apply(1L).picker(one, new int[] {3});
        for (int i = 0; i < 10; i++) {
            assertSame(one.get(0), picker.pick(NONE, 0));
        }
        assertNull(picker.pick(new Backend[] {one.get(0)}, 1));
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void reachesEachOfAThousand(Kind kind) {
        List<Backend> thousand = RoundRobinTest.backends(1000);
        int[] weights = new int[1000];
        java.util.Arrays.fill(weights, 7);
        Picker picker = kind.maker().apply(1L).picker(thousand, weights);
        long reached = IntStream.range(0, 20_000)
                .mapToObj(i -> picker.pick(NONE, 0))
                .distinct()
                .count();
        assertEquals(1000, reached);
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void leavesOutTheTriedUntilNoneIsLeft(Kind kind) {
        List<Backend> backends = RoundRobinTest.backends(5);
        Picker picker = kind.maker().apply(1L).picker(backends, new int[] {1, 50, 2, 50, 1});
        Backend[] tried = new Backend[8];
        for (int n = 0; n < 5; n++) {
            Backend next = picker.pick(tried, n);
            assertTrue(next != null && !contains(tried, n, next), "picked " + next + " as number " + n);
            tried[n] = next;
        }
        assertNull(picker.pick(tried, 5));
    }

    private static boolean contains(Backend[] tried, int n, Backend backend) {
        return IntStream.range(0, n).anyMatch(i -> tried[i] == backend);
    }
}
