package weir.admin;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import weir.config.ServiceConfig;
import weir.service.Backend;
import weir.service.DiscoveryStatus;
import weir.service.Service;

/**
 * A service at one moment. Immutable.
 *
 * @param balance the policy as the configuration names it
 * @param available how many backends may be picked
 * @param panic whether none may, so that the ejected ones are picked
 * @param discovery how much the list of backends can be relied on; null when it is the configuration's
 * @param requestsPerBackend the limit of requests in flight on each; 0 means none
 */
public record ServiceStatus(
        String name,
        ServiceConfig.Balance balance,
        int available,
        boolean panic,
        int requestsPerBackend,
        @Nullable Discovery discovery,
        List<BackendStatus> backends) {
    public ServiceStatus {
        backends = List.copyOf(backends);
    }

    /**
     * What is known of the source of the backends.
     *
     * @param source who says them: {@code consul}
     * @param answered when it last gave a good answer; null when it never did
     * @param ageSeconds how long ago that was; null when it never did
     * @param cached whether that answer is one of an earlier process
     * @param stale whether it is older than the configuration likes
     * @param held backends that the source no longer names and that are kept for now
     * @param problem why there is no answer now; null when there is
     */
    public record Discovery(
            String source,
            @Nullable Instant answered,
            @Nullable Double ageSeconds,
            boolean cached,
            boolean stale,
            int held,
            @Nullable String problem) {
        static @Nullable Discovery of(@Nullable DiscoveryStatus status, Instant now) {
            if (status == null) {
                return null;
            }
            Duration age = status.age(now);
            return new Discovery(
                    status.source(),
                    status.answered(),
                    age == null ? null : age.toMillis() / 1e3,
                    status.cached(),
                    status.stale(),
                    status.held(),
                    status.problem());
        }
    }

    /** The status of a live service. */
    static ServiceStatus of(Service service) {
        ServiceConfig config = service.config();
        List<BackendStatus> backends = new ArrayList<>();
        int available = 0;
        for (Backend b : service.backends()) {
            BackendStatus status = BackendStatus.of(b, config.healthCheck() != null);
            backends.add(status);
            available += status.available() ? 1 : 0;
        }
        return new ServiceStatus(
                service.name(),
                config.balance(),
                available,
                service.panic(),
                config.limits().requestsPerBackend(),
                Discovery.of(service.discovery(), Instant.now()),
                backends);
    }
}
