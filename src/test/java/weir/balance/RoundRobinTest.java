package weir.balance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import weir.config.ServiceConfig.Balance;
import weir.service.Backend;
import weir.service.Picker;
import weir.service.Service;
import weir.testing.ServiceFixture;

final class RoundRobinTest {
    private static final Backend[] NONE = {};

    @Test
    void givesTheSequenceOfNginxForWeightsFiveOneOne() {
        assertEquals("aabacaa aabacaa", picks(5, 1, 1) + " " + picks(5, 1, 1));
        Picker picker = new RoundRobin().picker(backends(3), new int[] {5, 1, 1});
        assertEquals("aabacaaaabacaa", letters(picker, 14));
    }

    @Test
    void givesTheSequenceOfNginxForAnyWeights() {
        for (int[] weights : new int[][] {{1, 1, 1}, {4, 3, 2, 1}, {1, 2, 1, 2, 7}, {3, 3, 5, 5, 3}, {100, 1, 99}}) {
            int total = IntStream.of(weights).sum();
            Picker picker = new RoundRobin().picker(backends(weights.length), weights);
            assertEquals(nginx(weights, total), letters(picker, total), Arrays.toString(weights));
        }
    }

    @Test
    void continuesBehindTheLastTurnWhenBackendsComeAndGo() {
        RoundRobin policy = new RoundRobin();
        List<Backend> all = backends(5);
        assertEquals("ab", letters(policy.picker(all, ones(5)), 2));
        List<Backend> withoutTheNext = List.of(all.get(0), all.get(1), all.get(3), all.get(4));
        assertEquals("dea", letters(policy.picker(withoutTheNext, ones(4)), 3));
        assertEquals("bcde", letters(policy.picker(all, ones(5)), 4));
    }

    @Test
    void keepsItsPlaceInTheSequenceWhenNothingChanged() {
        RoundRobin policy = new RoundRobin();
        List<Backend> all = backends(3);
        int[] weights = {5, 1, 1};
        StringBuilder picked = new StringBuilder();
        for (int i = 0; i < 14; i++) {
            picked.append(letters(policy.picker(all, weights), 1));
        }
        assertEquals("aabacaaaabacaa", picked.toString());
    }

    @Test
    void keepsItsPlaceWhileThereIsNobodyToPick() {
        RoundRobin policy = new RoundRobin();
        List<Backend> all = backends(3);
        letters(policy.picker(all, ones(3)), 2);
        assertNull(policy.picker(List.of(), new int[0]).pick(NONE, 0));
        assertEquals("ca", letters(policy.picker(all, ones(3)), 2));
    }

    @Test
    void staysExactWhenTheCounterPassesTheLargestInteger() {
        // 3 divides the position, so that counting whole rounds starts with the first backend.
        long start = Integer.MAX_VALUE - 1L;
        Picker picker = new RoundRobin(start - start % 3).picker(backends(3), ones(3));
        assertEquals("abcabcabc", letters(picker, 9));
    }

    @Test
    void staysInTheSequenceWhenTheCounterOverflows() {
        Picker picker = new RoundRobin(Long.MAX_VALUE - 500).picker(backends(7), new int[] {1, 2, 3, 4, 5, 6, 7});
        Map<Character, Long> counts = letters(picker, 28 * 40)
                .chars()
                .mapToObj(c -> (char) c)
                .collect(Collectors.groupingBy(c -> c, Collectors.counting()));
        for (int i = 0; i < 7; i++) {
            // The turn in which it overflows is cut once.
            assertEquals(40 * (i + 1), counts.get((char) ('a' + i)), 7, "backend " + i);
        }
    }

    @Test
    void givesConcurrentPicksEveryTurnExactlyOnce() throws Exception {
        int threads = 4;
        int rounds = 5_000;
        int[] weights = {5, 1, 1, 9};
        Picker picker = new RoundRobin().picker(backends(4), weights);
        Map<Backend, AtomicInteger> counts = new ConcurrentHashMap<>();
        CyclicBarrier barrier = new CyclicBarrier(threads);
        Callable<Void> work = () -> {
            barrier.await();
            for (int i = 0; i < 16 * rounds; i++) {
                counts.computeIfAbsent(picker.pick(NONE, 0), b -> new AtomicInteger())
                        .incrementAndGet();
            }
            return null;
        };
        ExecutorService executor = Executors.newFixedThreadPool(threads);
        try {
            for (Future<Void> done : executor.invokeAll(List.of(work, work, work, work))) {
                done.get();
            }
        } finally {
            executor.shutdown();
        }
        counts.forEach((backend, count) -> assertEquals(
                weights[backend.socketAddress().getPort() - 1] * rounds * threads, count.get(), backend.address()));
        assertEquals(4, counts.size());
    }

    @Test
    void boundsTheSequenceOfHugeWeights() {
        int[] sequence = SmoothSequence.of(new int[] {1_000_000_007, 1_000_000_009, 1});
        assertTrue(sequence.length <= (1 << 16) + 3, "turns: " + sequence.length);
        long last = IntStream.of(sequence).filter(i -> i == 2).count();
        assertEquals(1, last, "the smallest weight still has its turn");
    }

    @Test
    void dividesWeightsByTheirCommonDivisor() {
        assertEquals(3, SmoothSequence.of(new int[] {2000, 1000}).length);
    }

    @Test
    void findsTheOneNotTriedHoweverRareItsTurnIs() {
        List<Backend> all = backends(2);
        Picker picker = new RoundRobin().picker(all, new int[] {10_000, 1});
        Backend[] tried = {all.get(0), null};
        for (int i = 0; i < 100; i++) {
            assertSame(all.get(1), picker.pick(tried, 1));
        }
        tried[1] = all.get(1);
        assertNull(picker.pick(tried, 2));
    }

    @Test
    void countsRetriesAsTurnsSoThatTheOthersShareThemEvenly() {
        List<Backend> all = backends(4);
        Picker picker = new RoundRobin().picker(all, ones(4));
        Map<Backend, Integer> served = new ConcurrentHashMap<>();
        Backend[] tried = {all.get(0)};
        for (int i = 0; i < 3000; i++) {
            Backend backend = picker.pick(NONE, 0);
            served.merge(backend == all.get(0) ? picker.pick(tried, 1) : backend, 1, Integer::sum);
        }
        assertEquals(Map.of(all.get(1), 1000, all.get(2), 1000, all.get(3), 1000), served);
    }

    static List<Backend> backends(int n) {
        Service service =
                new ServiceFixture().service(ServiceFixture.config(Balance.RANDOM), ServiceFixture.endpoints(n));
        return service.backends();
    }

    private static int[] ones(int n) {
        int[] weights = new int[n];
        Arrays.fill(weights, 1);
        return weights;
    }

    private static String picks(int... weights) {
        return letters(
                new RoundRobin().picker(backends(weights.length), weights),
                IntStream.of(weights).sum());
    }

    private static String letters(Picker picker, int n) {
        StringBuilder letters = new StringBuilder();
        for (int i = 0; i < n; i++) {
            letters.append((char) ('a' + picker.pick(NONE, 0).socketAddress().getPort() - 1));
        }
        return letters.toString();
    }

    /** The loop of ngx_http_upstream_get_peer, as it stands there. */
    private static String nginx(int[] weights, int n) {
        List<Integer> picked = new ArrayList<>();
        int[] current = new int[weights.length];
        int total = IntStream.of(weights).sum();
        for (int k = 0; k < n; k++) {
            int best = -1;
            for (int i = 0; i < weights.length; i++) {
                current[i] += weights[i];
                if (best < 0 || current[i] > current[best]) {
                    best = i;
                }
            }
            current[best] -= total;
            picked.add(best);
        }
        return picked.stream().map(i -> String.valueOf((char) ('a' + i))).collect(Collectors.joining());
    }
}
