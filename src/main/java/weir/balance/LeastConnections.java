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
 * turns. A pick among a few looks at them all; among more it is O(log n), and so is what a change of the requests in
 * flight costs then, see {@link LoadTree}. Only a retry whose first choice was tried already is O(n). Two loops that
 * pick at the same time may pick the same backend. Thread-safe.
 */
public final class LeastConnections implements Policy {
    /** From here on the tree is quicker, the more so as the counters that a scan reads were written on other cores. */
    static final int SCANNED = 32;

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
        Backend[] members = backends.toArray(Backend[]::new);
        if (members.length <= SCANNED) {
            return new Scan(members, weights.clone(), last);
        }
        LoadTree loads = new LoadTree(members, weights.clone());
        loads.follow();
        return new Descent(members, loads, last);
    }

    /** The place behind the last pick; the list may have become shorter since. */
    private static int next(int[] last, int size) {
        int place = (int) CELL.getOpaque(last, LAST);
        return place >= 0 && place < size - 1 ? place + 1 : 0;
    }

    private record Scan(Backend[] backends, int[] weights, int[] last) implements Picker {
        @Override
        public @Nullable Backend pick(Backend[] tried, int n) {
            int size = backends.length;
            int best = -1;
            long bestLoad = 0;
            int at = next(last, size);
            for (int i = 0; i < size; i++) {
                Backend backend = backends[at];
                if (n == 0 || !Tried.contains(tried, n, backend)) {
                    long load = backend.inFlight() + 1L;
                    if (best < 0 || load * weights[best] < bestLoad * weights[at]) {
                        best = at;
                        bestLoad = load;
                    }
                }
                at = at + 1 < size ? at + 1 : 0;
            }
            if (best < 0) {
                return null;
            }
            CELL.setOpaque(last, LAST, best);
            return backends[best];
        }
    }

    private record Descent(Backend[] backends, LoadTree loads, int[] last) implements Picker {
        @Override
        public @Nullable Backend pick(Backend[] tried, int n) {
            int next = next(last, backends.length);
            int found = loads.next(next, loads.least());
            if (found < 0 || n > 0 && Tried.contains(tried, n, backends[found])) {
                // What is least changed on the way, or it must be another one.
                found = loads.leastUntried(next, tried, n);
                if (found < 0) {
                    return null;
                }
            }
            CELL.setOpaque(last, LAST, found);
            return backends[found];
        }
    }
}
