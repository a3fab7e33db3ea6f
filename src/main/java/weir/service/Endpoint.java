package weir.service;

import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What discovery reports of one address. Immutable.
 *
 * @param address the identity, as {@code ip:port}, IPv6 in brackets
 * @param socketAddress the resolved address
 * @param host the name it was configured under, for host-header: backend; the address itself when it had none
 * @param id how discovery itself calls it, such as node and service id in Consul; null where it does not
 * @param weight 0 and more; 0 gets no traffic
 */
public record Endpoint(
        String address,
        InetSocketAddress socketAddress,
        String host,
        int weight,
        @Nullable String zone,
        List<String> tags,
        Map<String, String> meta,
        @Nullable String id) {
    public Endpoint {
        tags = List.copyOf(tags);
        meta = Map.copyOf(meta);
    }
}
