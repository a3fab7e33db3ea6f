package weir.balance;

import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import weir.service.Backend;
import weir.service.Picker;
import weir.service.Policy;

/**
 * Picks at random, each backend with a probability in proportion to its weight. A pick is O(log n), O(1) when all
 * weights are equal; nothing is shared between loops. There is no state to keep. Thread-safe.
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
        long[] ends = new long[weights.length];
        long total = 0;
        boolean equal = true;
        for (int i = 0; i < weights.length; i++) {
            total += weights[i];
            ends[i] = total;
            equal &= weights[i] == weights[0];
        }
        return new Draw(backends.toArray(Backend[]::new), ends, equal, random);
    }

    /** {@code ends[i]} is the sum of the weights up to and with {@code i}. */
    private record Draw(Backend[] backends, long[] ends, boolean equal, Supplier<? extends RandomGenerator> random)
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
                at = draw(generator);
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

        private int draw(RandomGenerator generator) {
            if (equal) {
                return generator.nextInt(backends.length);
            }
            int found = Arrays.binarySearch(ends, generator.nextLong(ends[ends.length - 1]));
            // A value equal to an end belongs to the next backend; between ends, the insertion point is the backend.
            return found >= 0 ? found + 1 : -found - 1;
        }
    }
}
