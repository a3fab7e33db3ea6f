package weir.balance;

import java.util.List;
import org.jspecify.annotations.Nullable;
import weir.service.Backend;
import weir.service.Picker;
import weir.service.Policy;

/**
 * Smooth weighted round-robin, in the sequence of nginx: weights 5, 1, 1 give a a b a c a a. A pick is O(1) and exact
 * under concurrency; a change costs what {@link SmoothSequence} says, nothing but a copy when all weights are equal.
 * The position outlives changes. Thread-safe.
 */
public final class RoundRobin implements Policy {
    private final long start;
    private @Nullable Turns last;

    /** Starts at the first turn. */
    public RoundRobin() {
        this(0);
    }

    /** Starts at that turn, counted through all rounds. */
    RoundRobin(long start) {
        this.start = start;
    }

    @Override
    public synchronized Picker picker(List<Backend> backends, int[] weights) {
        Turns turns = new Turns(backends, weights);
        if (turns.isEmpty()) {
            // The position is kept for when backends come back.
            return turns;
        }
        Turns old = last;
        last = old == null ? turns.startAt(start) : turns.continueFrom(old);
        return turns;
    }
}
