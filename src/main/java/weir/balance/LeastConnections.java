package weir.balance;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.List;
import org.jspecify.annotations.Nullable;
import weir.service.Backend;
import weir.service.Picker;
import weir.service.Policy;

/**
 * Picks the backend with the fewest requests in flight for its weight: the least (in flight + 1) / weight. Equals take
 * turns. A pick is O(n): it reads the counter of every backend, some tens of nanoseconds for ten of them and tens of
 * microseconds for ten thousand; for services of more than a few hundred backends the other policies are cheaper. Two
 * loops that pick at the same time may pick the same backend. Thread-safe.
 */
public final class LeastConnections implements Policy {
    private static final VarHandle CELL = MethodHandles.arrayElementVarHandle(int[].class);
    private static final int LAST = 16;

    /** Where the last pick was made, alone on its cache line; shared by all pickers, so that turns outlive changes. */
    private final int[] last = new int[2 * LAST + 1];

    /** Starts with the first backend. */
    public LeastConnections() {
        this(-1);
    }

    /** Starts behind that place in the list. */
    LeastConnections(int last) {
        this.last[LAST] = last;
    }

    @Override
    public Picker picker(List<Backend> backends, int[] weights) {
        return new Scan(backends.toArray(Backend[]::new), weights.clone(), last);
    }

    private record Scan(Backend[] backends, int[] weights, int[] last) implements Picker {
        @Override
        public @Nullable Backend pick(Backend[] tried, int n) {
            int size = backends.length;
            int best = -1;
            long bestLoad = 0;
            int at = size == 0 ? 0 : Math.floorMod((int) CELL.getOpaque(last, LAST), size);
            for (int i = 0; i < size; i++) {
                at = at + 1 < size ? at + 1 : 0;
                Backend backend = backends[at];
                if (n > 0 && Tried.contains(tried, n, backend)) {
                    continue;
                }
                long load = backend.inFlight() + 1L;
                if (best < 0 || load * weights[best] < bestLoad * weights[at]) {
                    best = at;
                    bestLoad = load;
                }
            }
            if (best < 0) {
                return null;
            }
            CELL.setOpaque(last, LAST, best);
            return backends[best];
        }
    }
}
