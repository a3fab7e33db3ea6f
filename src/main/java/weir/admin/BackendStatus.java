package weir.admin;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import weir.service.Backend;
import weir.service.Reason;
import weir.service.Unavailability;

/**
 * A backend at one moment. Immutable.
 *
 * @param address the identity, {@code ip:port}
 * @param host the name it was configured under
 * @param weight its share in force; 0 gets no traffic
 * @param weightSet whether an operator set it, whatever discovery says
 * @param id how discovery calls it: node and service id in Consul; null for addresses of the configuration
 * @param version {@code version} of the meta, as discovery has it
 * @param tags as discovery has them
 * @param meta as discovery has it
 * @param state {@code available}, else the reason that weighs most: {@code disabled}, {@code drained},
 *     {@code consul}, {@code unhealthy}, {@code ejected}, {@code weight-0}
 * @param health what the active check says: {@code none} without one, {@code unknown} before its first result,
 *     {@code healthy}, {@code unhealthy}
 * @param inFlight requests now on it
 * @param connections open connections to it
 * @param requests attempts on it since it is known
 * @param errors how many of them failed
 * @param latencyMs moving average of the time to the response head in milliseconds; 0 when unknown
 * @param reasons everything that stands against it
 */
public record BackendStatus(
        String address,
        String host,
        int weight,
        boolean weightSet,
        @Nullable String zone,
        @Nullable String id,
        @Nullable String version,
        List<String> tags,
        Map<String, String> meta,
        String state,
        String health,
        int inFlight,
        int connections,
        long requests,
        long errors,
        double latencyMs,
        List<Unavailability> reasons) {
    /** The {@link #state()} of a backend that may be picked. */
    public static final String AVAILABLE = "available";

    private static final List<Reason> BY_WEIGHT =
            List.of(Reason.DISABLED, Reason.DRAINED, Reason.CONSUL, Reason.HEALTH, Reason.EJECTED);

    public BackendStatus {
        reasons = List.copyOf(reasons);
    }

    /** The status of a live backend; {@code checks} says whether its service has an active check. */
    static BackendStatus of(Backend backend, boolean checks) {
        List<Unavailability> reasons = backend.unavailabilities();
        int weight = backend.weight();
        return new BackendStatus(
                backend.address(),
                backend.endpoint().host(),
                weight,
                backend.weightOverridden(),
                backend.endpoint().zone(),
                backend.endpoint().id(),
                backend.endpoint().meta().get("version"),
                backend.endpoint().tags(),
                new TreeMap<>(backend.endpoint().meta()),
                state(reasons, weight),
                health(backend, checks),
                backend.inFlight(),
                backend.connections(),
                backend.requests(),
                backend.errors(),
                Math.round(backend.latencyNanos() / 1e3) / 1e3,
                reasons);
    }

    /** Whether it may be picked, its requests in flight left aside. */
    boolean available() {
        return state.equals(AVAILABLE);
    }

    private static String health(Backend backend, boolean checks) {
        if (!checks) {
            return "none";
        }
        if (!backend.checked()) {
            return "unknown";
        }
        return backend.unavailability(Reason.HEALTH) == null ? "healthy" : "unhealthy";
    }

    /** The word for these reasons and that weight. */
    static String state(List<Unavailability> reasons, int weight) {
        for (Reason candidate : BY_WEIGHT) {
            for (Unavailability u : reasons) {
                if (u.reason() == candidate) {
                    return candidate.text();
                }
            }
        }
        return weight > 0 ? AVAILABLE : "weight-0";
    }
}
