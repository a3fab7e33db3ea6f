package weir.proxy;

import org.jspecify.annotations.Nullable;
import weir.metrics.Metrics;
import weir.route.Route;
import weir.service.Service;

/**
 * A {@link Routing} as one listener's requests see it: an exchange keeps the one it began under to its end. Immutable
 * but for the counters it caches. Thread-safe.
 */
final class ListenerRouting {
    private final Routing routing;
    private final String listener;
    private final @Nullable RouteCounters[] counters;

    ListenerRouting(Routing routing, String listener) {
        this.routing = routing;
        this.listener = listener;
        // By route number; the last ones are those of requests without a route.
        this.counters = new RouteCounters[routing.routes().routes().size() + 1];
    }

    Routing routing() {
        return routing;
    }

    /** The counters of a route, or of requests that have none. */
    RouteCounters counters(@Nullable Route route) {
        int number = route == null ? counters.length - 1 : route.number();
        RouteCounters known = counters[number];
        return known != null ? known : make(number, route);
    }

    /** The registry gives all callers the same counters. */
    private RouteCounters make(int number, @Nullable Route route) {
        Service service = route == null ? null : route.service();
        Metrics metrics = routing.metrics();
        RouteCounters made = new RouteCounters(
                metrics, listener, route == null ? "" : route.name(), service == null ? "" : service.name());
        counters[number] = made;
        return made;
    }
}
