package weir.proxy;

import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import weir.metrics.Metrics;
import weir.route.Route;
import weir.route.RouteTable;
import weir.service.Service;

/**
 * What a configuration says about requests, published whole at each reload: the routes, who is trusted, how large a
 * body may be. Immutable but for the counters it caches; those live on in {@link Metrics} across reloads. Thread-safe.
 *
 * @param bodyLimit bytes of a request body; 0 means no limit
 */
public record Routing(
        RouteTable routes,
        ForwardingHeaders forwarding,
        long bodyLimit,
        Metrics metrics,
        ConcurrentHashMap<String, RouteCounters[]> counters) {

    /** A snapshot for one configuration. */
    public static Routing of(RouteTable routes, ForwardingHeaders forwarding, long bodyLimit, Metrics metrics) {
        return new Routing(routes, forwarding, bodyLimit, metrics, new ConcurrentHashMap<>());
    }

    /** The counters behind one listener, by route number; the last ones are those of requests without a route. */
    @Nullable
    RouteCounters[] countersOf(String listener) {
        return counters.computeIfAbsent(
                listener, key -> new RouteCounters[routes.routes().size() + 1]);
    }

    /** Makes the counters of a route when it is first used; the registry gives all callers the same ones. */
    RouteCounters makeCounters(String listener, @Nullable Route route) {
        Service service = route == null ? null : route.service();
        RouteCounters made = new RouteCounters(
                metrics, listener, route == null ? "" : route.name(), service == null ? "" : service.name());
        countersOf(listener)[number(route)] = made;
        return made;
    }

    int number(@Nullable Route route) {
        return route == null ? routes.routes().size() : route.number();
    }
}
