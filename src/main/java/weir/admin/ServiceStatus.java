package weir.admin;

import java.util.List;

/**
 * A service at one moment. Immutable.
 *
 * @param balance the policy as the configuration names it
 * @param available how many backends may be picked
 */
public record ServiceStatus(String name, String balance, int available, List<BackendStatus> backends) {
    public ServiceStatus {
        backends = List.copyOf(backends);
    }

    /** Counts the available ones. */
    static ServiceStatus of(String name, String balance, List<BackendStatus> backends) {
        int available = 0;
        for (BackendStatus b : backends) {
            available += b.state().equals(BackendStatus.AVAILABLE) ? 1 : 0;
        }
        return new ServiceStatus(name, balance, available, backends);
    }
}
