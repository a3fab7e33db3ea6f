package weir.service;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The backends of one service by address, in the order of discovery. Confined to its service's lock. */
final class Members {
    private final BackendNumbers numbers;
    private final int loops;
    private final Operators operators;
    private final Flips flips;
    private Map<String, Backend> byAddress = Map.of();

    Members(BackendNumbers numbers, int loops, Operators operators, Flips flips) {
        this.numbers = numbers;
        this.loops = loops;
        this.operators = operators;
        this.flips = flips;
    }

    @Nullable
    Backend get(String address) {
        return byAddress.get(address);
    }

    List<Backend> all() {
        return List.copyOf(byAddress.values());
    }

    /** Takes a list over. Backends whose address stays keep their state; of an address listed twice the first counts. */
    void replace(List<Endpoint> endpoints) {
        Map<String, Backend> before = byAddress;
        Map<String, Backend> next = new LinkedHashMap<>();
        for (Endpoint endpoint : endpoints) {
            if (!next.containsKey(endpoint.address())) {
                next.put(endpoint.address(), member(before.get(endpoint.address()), endpoint));
            }
        }
        int left = 0;
        for (Backend backend : before.values()) {
            if (!next.containsKey(backend.address())) {
                remove(backend);
                backend.unfollow();
                left++;
            }
        }
        byAddress = next;
        flips.members(before.size(), next.size() - before.size() + left, left);
    }

    private Backend member(@Nullable Backend known, Endpoint endpoint) {
        String address = endpoint.address();
        if (known != null) {
            known.update(endpoint, operators.weight(address));
            return known;
        }
        Backend backend = new Backend(numbers.take(), loops, endpoint);
        backend.update(endpoint, operators.weight(address));
        Unavailability state = operators.state(address);
        if (state != null) {
            backend.mark(state);
        }
        return backend;
    }

    /** Removes every backend. */
    void clear() {
        byAddress.values().forEach(this::remove);
        byAddress = Map.of();
    }

    private void remove(Backend backend) {
        backend.remove();
        numbers.giveBack(backend.number());
    }
}
