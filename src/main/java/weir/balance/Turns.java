package weir.balance;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import weir.service.Backend;
import weir.service.Picker;

/**
 * The picker of {@link RoundRobin}: a fixed sequence of backends and a position in it. A pick is O(1): one atomic
 * addition and one array read. Concurrent picks are exact: no turn is given twice or left out.
 */
final class Turns implements Picker {
    private static final VarHandle CELL = MethodHandles.arrayElementVarHandle(long[].class);
    private static final int POSITION = 8;

    private final Backend[] backends;
    private final Backend[] sequence;
    /** The position alone on its cache line: every loop writes it. */
    private final long[] position = new long[2 * POSITION + 1];

    Turns(List<Backend> backends, int[] weights) {
        this.backends = backends.toArray(Backend[]::new);
        this.sequence = equal(weights) ? this.backends : sequence(this.backends, weights);
    }

    @Override
    public @Nullable Backend pick(Backend[] tried, int n) {
        if (sequence.length == 0) {
            return null;
        }
        int draws = n + Tried.EXTRA_DRAWS;
        int turn = 0;
        for (int i = 0; i < draws; i++) {
            turn = index((long) CELL.getAndAdd(position, POSITION, 1L));
            Backend backend = sequence[turn];
            if (n == 0 || !Tried.contains(tried, n, backend)) {
                return backend;
            }
        }
        return anyUntried(tried, n, turn);
    }

    private @Nullable Backend anyUntried(Backend[] tried, int n, int turn) {
        int from = turn % backends.length;
        for (int i = 0; i < backends.length; i++) {
            int at = from + i;
            Backend backend = backends[at < backends.length ? at : at - backends.length];
            if (!Tried.contains(tried, n, backend)) {
                return backend;
            }
        }
        return null;
    }

    /** Never negative, also after the counter overflowed. */
    private int index(long count) {
        return Math.floorMod(count, sequence.length);
    }

    boolean isEmpty() {
        return sequence.length == 0;
    }

    /** Sets the position. Before the picker is published only. */
    Turns startAt(long start) {
        CELL.setVolatile(position, POSITION, start);
        return this;
    }

    /**
     * Takes up where another picker stands: at the turn of the backend that would have come next there, or of the next
     * one after it that is also here; of its turns, the one that is about as far into the sequence.
     */
    Turns continueFrom(Turns old) {
        int oldTurn = old.index((long) CELL.getVolatile(old.position, POSITION));
        Set<Backend> here = Collections.newSetFromMap(new IdentityHashMap<>());
        Collections.addAll(here, backends);
        int wanted = (int) ((long) oldTurn * sequence.length / old.sequence.length);
        for (int i = 0; i < old.sequence.length; i++) {
            Backend next = old.sequence[(int) (((long) oldTurn + i) % old.sequence.length)];
            if (here.contains(next)) {
                return startAt(turnOf(next, wanted));
            }
        }
        return startAt(wanted);
    }

    private int turnOf(Backend backend, int wanted) {
        int nearest = wanted;
        int least = Integer.MAX_VALUE;
        for (int i = 0; i < sequence.length; i++) {
            int distance = Math.abs(i - wanted);
            if (sequence[i] == backend && Math.min(distance, sequence.length - distance) < least) {
                least = Math.min(distance, sequence.length - distance);
                nearest = i;
            }
        }
        return nearest;
    }

    private static Backend[] sequence(Backend[] backends, int[] weights) {
        int[] order = SmoothSequence.of(weights);
        Backend[] sequence = new Backend[order.length];
        for (int i = 0; i < order.length; i++) {
            sequence[i] = backends[order[i]];
        }
        return sequence;
    }

    private static boolean equal(int[] weights) {
        for (int weight : weights) {
            if (weight != weights[0]) {
                return false;
            }
        }
        return true;
    }
}
