package weir.discovery;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An instance of a service as Consul reports it, its address resolved. Immutable; also the form of the cache file.
 *
 * @param id node and service id
 * @param host the address as registered, a name or an IP literal
 * @param ip the IP literal
 * @param weight by its status: passing or warning
 * @param against why Consul holds it for out: critical or in maintenance; null when it does not
 */
record ConsulInstance(
        String id,
        String host,
        String ip,
        int port,
        int weight,
        @Nullable String zone,
        List<String> tags,
        Map<String, String> meta,
        @Nullable String against) {
    ConsulInstance {
        tags = List.copyOf(tags);
        meta = Map.copyOf(meta);
    }

    /** The identity of its backend, {@code ip:port}, IPv6 in brackets. */
    String address() {
        return (ip.indexOf(':') >= 0 ? '[' + ip + ']' : ip) + ':' + port;
    }
}
