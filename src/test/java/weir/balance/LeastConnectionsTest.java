package weir.balance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import weir.config.ServiceConfig.Balance;
import weir.service.Backend;
import weir.service.Picker;
import weir.service.Service;
import weir.testing.ServiceFixture;

final class LeastConnectionsTest {
    private static final Backend[] NONE = {};

    private final LeastConnections policy = new LeastConnections();

    @Test
    void picksTheOneWithFewestInFlight() {
        List<Backend> all = RoundRobinTest.backends(3);
        Picker picker = policy.picker(all, new int[] {1, 1, 1});
        load(all.get(0), 2);
        load(all.get(1), 1);
        load(all.get(2), 3);
        for (int i = 0; i < 5; i++) {
            assertSame(all.get(1), picker.pick(NONE, 0));
        }
    }

    @Test
    void comparesRequestsInFlightToWeights() {
        List<Backend> all = RoundRobinTest.backends(2);
        Picker picker = policy.picker(all, new int[] {3, 1});
        load(all.get(0), 2);
        load(all.get(1), 1);
        // (2 + 1) / 3 < (1 + 1) / 1
        assertSame(all.get(0), picker.pick(NONE, 0));
        load(all.get(0), 4);
        // (6 + 1) / 3 > (1 + 1) / 1
        assertSame(all.get(1), picker.pick(NONE, 0));
    }

    @Test
    void rotatesAmongEquals() {
        List<Backend> all = RoundRobinTest.backends(4);
        Picker picker = policy.picker(all, new int[] {1, 1, 1, 1});
        load(all.get(1), 1);
        assertEquals(List.of(1, 3, 4, 1, 3, 4, 1), ports(picker, 7));
    }

    @Test
    void goesOnRotatingAfterAChange() {
        List<Backend> all = RoundRobinTest.backends(3);
        assertEquals(List.of(1, 2), ports(policy.picker(all, new int[] {1, 1, 1}), 2));
        assertEquals(List.of(3, 1), ports(policy.picker(all, new int[] {1, 1, 1}), 2));
    }

    @Test
    void survivesAPlaceBeyondTheList() {
        for (int last : new int[] {Integer.MAX_VALUE, Integer.MIN_VALUE, -1}) {
            Picker picker = new LeastConnections(last).picker(RoundRobinTest.backends(3), new int[] {1, 1, 1});
            assertEquals(
                    6, ports(picker, 3).stream().mapToInt(Integer::intValue).sum(), "last " + last);
        }
    }

    @Test
    void doesNotOverflowWithHugeWeights() {
        List<Backend> all = RoundRobinTest.backends(2);
        Picker picker = policy.picker(all, new int[] {Integer.MAX_VALUE, Integer.MAX_VALUE - 1});
        load(all.get(0), 100_000);
        load(all.get(1), 99_998);
        assertSame(all.get(1), picker.pick(NONE, 0));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 32, 33, 48, 49, 256, 257, 4096, 4097, 10_000})
    void picksWhatAScanOfAllBackendsWouldPick(int size) {
        SplittableRandom random = new SplittableRandom(size);
        List<Backend> all = RoundRobinTest.backends(size);
        int[] weights = random.ints(size, 1, 5).toArray();
        all.forEach(backend -> load(backend, random.nextInt(4)));
        Picker picker = policy.picker(all, weights);
        Backend[] tried = new Backend[3];
        int last = -1;
        for (int i = 0; i < 3000; i++) {
            int n = random.nextInt(10) == 0 ? random.nextInt(Math.min(size, tried.length)) + 1 : 0;
            for (int t = 0; t < n; t++) {
                // The first choices, so that they are in the way.
                tried[t] = all.get(scan(all, weights, last, tried, t));
            }
            int expected = scan(all, weights, last, tried, n);
            Backend picked = picker.pick(tried, n);
            assertSame(expected < 0 ? null : all.get(expected), picked, "pick " + i + ", tried " + n);
            last = expected < 0 ? last : expected;
            change(all, random, picked);
        }
    }

    /** The definition: the least (in flight + 1) / weight; of equals the first behind the last one picked. */
    private static int scan(List<Backend> all, int[] weights, int last, Backend[] tried, int n) {
        int best = -1;
        for (int i = 1; i <= all.size(); i++) {
            int at = (last + i) % all.size();
            Backend backend = all.get(at);
            if (Arrays.asList(tried).subList(0, n).contains(backend)) {
                continue;
            }
            if (best < 0
                    || (backend.inFlight() + 1L) * weights[best]
                            < (all.get(best).inFlight() + 1L) * weights[at]) {
                best = at;
            }
        }
        return best;
    }

    private static void change(List<Backend> all, SplittableRandom random, Backend picked) {
        if (picked != null) {
            load(picked, 1);
        }
        Backend other = all.get(random.nextInt(all.size()));
        if (other.inFlight() > 0) {
            other.release();
        }
        load(other, 1);
        assertFalse(other.tryAcquire(1), "refused, which must not count");
        if (random.nextBoolean()) {
            other.release();
        }
    }

    @Test
    void findsTheOnlyIdleOneAmongTenThousand() {
        List<Backend> all = RoundRobinTest.backends(10_000);
        int[] weights = new int[10_000];
        Arrays.fill(weights, 1);
        SplittableRandom random = new SplittableRandom(1);
        all.forEach(backend -> load(backend, 1 + random.nextInt(3)));
        Picker picker = policy.picker(all, weights);
        for (int i = 0; i < 1000; i++) {
            Backend idle = all.get(i == 0 ? 9999 : random.nextInt(10_000));
            int before = idle.inFlight();
            unload(idle, before);
            assertSame(idle, picker.pick(NONE, 0));
            load(idle, before);
        }
    }

    /** Requests that end in any order: no backend ever has more than one above another when one is picked. */
    @Test
    void spreadsRequestsEvenlyWhileTheyEndInAnyOrder() {
        int size = 200;
        List<Backend> all = RoundRobinTest.backends(size);
        int[] weights = new int[size];
        Arrays.fill(weights, 1);
        Picker picker = policy.picker(all, weights);
        SplittableRandom random = new SplittableRandom(7);
        List<Backend> inFlight = new ArrayList<>();
        for (int i = 0; i < 50_000; i++) {
            if (inFlight.size() < 1000 || random.nextBoolean()) {
                Backend picked = picker.pick(NONE, 0);
                int least = all.stream().mapToInt(Backend::inFlight).min().orElseThrow();
                assertEquals(least, picked.inFlight(), "request " + i);
                load(picked, 1);
                inFlight.add(picked);
            } else {
                int ended = random.nextInt(inFlight.size());
                inFlight.get(ended).release();
                inFlight.set(ended, inFlight.get(inFlight.size() - 1));
                inFlight.remove(inFlight.size() - 1);
            }
        }
    }

    /** Afterwards each load must be known exactly: so many picks in a row fill up the lower ones first. */
    @ParameterizedTest
    @ValueSource(ints = {33, 600})
    void knowsEveryLoadAfterManyThreadsChangedThem(int size) throws Exception {
        List<Backend> all = RoundRobinTest.backends(size);
        int[] weights = new int[size];
        Arrays.fill(weights, 1);
        // All threads meet at four of one group: what is least there changes all the time, at every level.
        all.subList(4, size).forEach(backend -> load(backend, 100));
        Picker picker = policy.picker(all, weights);
        AtomicInteger seed = new AtomicInteger();
        Callable<Void> work = () -> {
            SplittableRandom random = new SplittableRandom(seed.incrementAndGet());
            Backend[] held = new Backend[2];
            for (int i = 0; i < 50_000; i++) {
                int at = random.nextInt(held.length);
                if (held[at] != null) {
                    held[at].release();
                }
                held[at] = random.nextBoolean() ? all.get(random.nextInt(4)) : picker.pick(NONE, 0);
                held[at].tryAcquire(0);
            }
            return null;
        };
        ExecutorService executor = Executors.newFixedThreadPool(4);
        try {
            for (int round = 0; round < 20; round++) {
                for (Future<Void> done : executor.invokeAll(List.of(work, work, work, work))) {
                    done.get();
                }
                int last = all.indexOf(picker.pick(NONE, 0));
                for (int i = 0; i < 20; i++) {
                    last = scan(all, weights, last, NONE, 0);
                    assertSame(all.get(last), picker.pick(NONE, 0), "round " + round + ", pick " + i);
                    load(all.get(last), 1);
                }
            }
        } finally {
            executor.shutdown();
        }
    }

    @Test
    void knowsWhatChangedWhileABackendWasOut() {
        ServiceFixture fixture = new ServiceFixture();
        Service service =
                fixture.service(ServiceFixture.config(Balance.LEAST_CONNECTIONS), ServiceFixture.endpoints(40));
        List<Backend> all = service.backends();
        all.forEach(backend -> load(backend, 2));
        Backend out = all.get(20);
        service.drain(out.address());
        unload(out, 2);
        assertEquals(List.of(1, 2), ServiceFixture.picks(service, 2));
        service.enable(out.address());
        assertEquals(List.of(21, 21), ServiceFixture.picks(service, 2));
        load(out, 3);
        assertEquals(List.of(22, 23), ServiceFixture.picks(service, 2));
    }

    private static void unload(Backend backend, int requests) {
        for (int i = 0; i < requests; i++) {
            backend.release();
        }
    }

    private static void load(Backend backend, int requests) {
        for (int i = 0; i < requests; i++) {
            backend.tryAcquire(0);
        }
    }

    private static List<Integer> ports(Picker picker, int n) {
        List<Integer> ports = new ArrayList<>();
        for (int i = 0; i < n; i++) {
            ports.add(picker.pick(NONE, 0).socketAddress().getPort());
        }
        return ports;
    }
}
