package weir.proxy;

import java.util.concurrent.ConcurrentHashMap;
import weir.metrics.Metrics;
import weir.route.RouteTable;

/**
 * What a configuration says about requests, published whole at each reload: the routes, who is trusted, how large a
 * body may be. Immutable but for the counters it caches; those live on in {@link Metrics} across reloads. Thread-safe.
 *
 * @param bodyLimit bytes of a request body; 0 means no limit
 */
public record Routing(
        RouteTable routes,
        ForwardingHeaders forwarding,
        ClientCertificateField clientCertificate,
        long bodyLimit,
        Metrics metrics,
        ConcurrentHashMap<String, ListenerRouting> byListener) {

    /** A snapshot for one configuration. */
    public static Routing of(RouteTable routes, ForwardingHeaders forwarding, long bodyLimit, Metrics metrics) {
        return of(routes, forwarding, ClientCertificateField.NONE, bodyLimit, metrics);
    }

    /** The same with a field for client certificates. */
    public static Routing of(
            RouteTable routes,
            ForwardingHeaders forwarding,
            ClientCertificateField clientCertificate,
            long bodyLimit,
            Metrics metrics) {
        return new Routing(routes, forwarding, clientCertificate, bodyLimit, metrics, new ConcurrentHashMap<>());
    }

    /** What requests of that listener see; asked once for each connection. */
    ListenerRouting behind(String listener) {
        return byListener.computeIfAbsent(listener, name -> new ListenerRouting(this, name));
    }
}
