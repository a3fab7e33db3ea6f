package weir.balance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import weir.service.Backend;
import weir.service.Picker;

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
