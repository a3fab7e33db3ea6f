package weir.balance;

import weir.config.ServiceConfig.Balance;
import weir.service.Policy;

/** Makes the policy that the configuration names. */
public final class Policies {
    private Policies() {}

    /** A new policy, in its first state. */
    public static Policy of(Balance balance) {
        return switch (balance) {
            case ROUND_ROBIN -> new RoundRobin();
            case LEAST_CONNECTIONS -> new LeastConnections();
            case RANDOM -> new RandomPick();
        };
    }
}
