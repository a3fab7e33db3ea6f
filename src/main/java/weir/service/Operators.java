package weir.service;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What operators set for addresses of one service. Kept by address, so that it also survives a backend that leaves and
 * comes back. Confined to its service's lock.
 */
final class Operators {
    private final Map<String, Unavailability> states = new HashMap<>();
    private final Map<String, Integer> weights = new HashMap<>();

    /** Drains or disables; each replaces the other. Returns what stands: the old one when it is the same again. */
    Unavailability set(String address, Unavailability wanted) {
        Unavailability old = states.get(address);
        if (old != null && old.reason() == wanted.reason()) {
            return old;
        }
        states.put(address, wanted);
        return wanted;
    }

    void enable(String address) {
        states.remove(address);
    }

    /** Drained or disabled, or null when neither. */
    @Nullable
    Unavailability state(String address) {
        return states.get(address);
    }

    void weight(String address, int weight) {
        weights.put(address, weight);
    }

    void resetWeight(String address) {
        weights.remove(address);
    }

    @Nullable
    Integer weight(String address) {
        return weights.get(address);
    }
}
