package weir.proxy;

import org.jspecify.annotations.Nullable;
import weir.accesslog.LogName;
import weir.metrics.RequestSeries;
import weir.route.Route;
import weir.service.Service;

/**
 * A {@link Routing} as one listener's requests see it: an exchange keeps the one it began under to its end. Immutable
 * but for what it caches of each route. Thread-safe.
 */
final class ListenerRouting {
    private final Routing routing;
    private final String listener;
    // By route number; the last ones are those of requests without a route.
    private final @Nullable RequestSeries[] series;
    private final @Nullable LogName[] names;

    ListenerRouting(Routing routing, String listener) {
        this.routing = routing;
        this.listener = listener;
        int routes = routing.routes().routes().size();
        this.series = new RequestSeries[routes + 1];
        this.names = new LogName[routes];
    }

    Routing routing() {
        return routing;
    }

    /** Where requests of a route are counted, or those that have none. */
    RequestSeries requests(@Nullable Route route) {
        int number = route == null ? series.length - 1 : route.number();
        RequestSeries known = series[number];
        return known != null ? known : find(number, route);
    }

    /** The registry gives all callers the same. */
    private RequestSeries find(int number, @Nullable Route route) {
        Service service = route == null ? null : route.service();
        RequestSeries found = routing.metrics()
                .requests(
                        "listener",
                        listener,
                        "route",
                        route == null ? "" : route.name(),
                        "service",
                        service == null ? "" : service.name());
        series[number] = found;
        return found;
    }

    /** What the log calls a route. */
    LogName name(Route route) {
        LogName known = names[route.number()];
        if (known == null) {
            known = new LogName(route.name());
            names[route.number()] = known;
        }
        return known;
    }
}
