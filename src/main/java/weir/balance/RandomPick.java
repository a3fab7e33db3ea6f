package weir.balance;

import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import weir.service.Backend;
import weir.service.Picker;
import weir.service.Policy;

/**
 * Picks at random, each backend with a probability in proportion to its weight. A pick is O(1), by {@link AliasTable};
 * nothing is shared between loops. There is no state to keep. Thread-safe.
 */
public final class RandomPick implements Policy {
    private final Supplier<? extends RandomGenerator> random;

    /** Draws from the thread's own generator. */
    public RandomPick() {
        this(ThreadLocalRandom::current);
    }

    /** Draws from the generator that the supplier gives to the calling thread. */
    RandomPick(Supplier<? extends RandomGenerator> random) {
        this.random = random;
    }

    @Override
    public Picker picker(List<Backend> backends, int[] weights) {
        return new Draw(backends.toArray(Backend[]::new), AliasTable.of(weights), random);
    }

    private record Draw(Backend[] backends, AliasTable table, Supplier<? extends RandomGenerator> random)
            implements Picker {
        @Override
        public @Nullable Backend pick(Backend[] tried, int n) {
            int size = backends.length;
            if (size == 0) {
                return null;
            }
            RandomGenerator generator = random.get();
            int at = 0;
            for (int i = n + Tried.EXTRA_DRAWS; i > 0; i--) {
                at = table.draw(generator.nextLong());
                if (n == 0 || !Tried.contains(tried, n, backends[at])) {
                    return backends[at];
                }
            }
            for (int i = 0; i < size; i++) {
                at = at + 1 < size ? at + 1 : 0;
                if (!Tried.contains(tried, n, backends[at])) {
                    return backends[at];
                }
            }
            return null;
        }
    }
}
