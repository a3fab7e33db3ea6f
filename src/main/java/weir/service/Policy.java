package weir.service;

import java.util.List;

/**
 * A balancing policy with the state that outlives its pickers, such as the position of a round-robin. Thread-safe;
 * {@link #picker} is called on the control thread.
 */
public interface Policy {
    /**
     * A picker over these backends, each with its effective weight (at least 1), in the order of discovery.
     * The lists have the same size; they may be empty.
     */
    Picker picker(List<Backend> backends, int[] weights);
}
