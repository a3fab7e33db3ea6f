package weir.config;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How Weir talks to Consul. Immutable.
 *
 * @param addresses agents, tried in turn
 * @param tokenFile holds the ACL token; null for the environment's, or none
 * @param tls null for plain HTTP
 * @param waitTime {@code wait}: the longest time of one blocking query
 * @param staleAfter from this age on endpoints count as stale, which is said and changes nothing
 * @param cacheFile where the last good answers are kept; null for nowhere
 * @param shrinkHold how long instances that vanished too many at once are kept
 * @param maxConnections to the agents, all watches together
 * @param register how Weir registers itself; null when it does not
 * @param routesFromTags whether services make routes of their tags
 */
public record ConsulConfig(
        List<Address> addresses,
        @Nullable String tokenFile,
        @Nullable Tls tls,
        Duration waitTime,
        Duration staleAfter,
        @Nullable String cacheFile,
        Duration shrinkHold,
        int maxConnections,
        @Nullable Register register,
        boolean routesFromTags) {
    public ConsulConfig {
        addresses = List.copyOf(addresses);
    }

    /** TLS to the agents; files are PEM. */
    public record Tls(
            @Nullable String ca,
            @Nullable String certificate,
            @Nullable String key,
            boolean verify,
            @Nullable String serverName) {}

    /** Weir's own registration; {@code check} is the address of the check, null for the admin address. */
    public record Register(
            String service, List<String> tags, @Nullable String check) {
        public Register {
            tags = List.copyOf(tags);
        }
    }
}
