package weir.admin;

import java.util.ArrayList;
import java.util.List;
import weir.config.ServiceConfig;
import weir.service.Backend;
import weir.service.Service;

/**
 * A service at one moment. Immutable.
 *
 * @param balance the policy as the configuration names it
 * @param available how many backends may be picked
 * @param panic whether none may, so that the ejected ones are picked
 * @param requestsPerBackend the limit of requests in flight on each; 0 means none
 */
public record ServiceStatus(
        String name,
        ServiceConfig.Balance balance,
        int available,
        boolean panic,
        int requestsPerBackend,
        List<BackendStatus> backends) {
    public ServiceStatus {
        backends = List.copyOf(backends);
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
                backends);
    }
}
