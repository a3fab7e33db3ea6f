package weir.route;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import weir.config.RouteConfig;
import weir.http.RequestHead;
import weir.service.Service;

/**
 * The routes of a configuration; the first one in file order that matches a request wins. Hosts, wildcards, prefixes
 * and exact paths are found by hash: O(length of host and path), however many routes there are; routes with a regular
 * expression, and those that share host and path, are tried one after the other. Immutable; a reload publishes a new
 * table.
 */
public final class RouteTable {
    private final List<Route> routes;
    private final Route[] byNumber;
    private final HostIndex index;

    private RouteTable(List<Route> routes) {
        this.routes = List.copyOf(routes);
        this.byNumber = routes.toArray(Route[]::new);
        this.index = new HostIndex(routes);
    }

    /**
     * Compiles routes. A mark {@code from-tags: true} is passed over.
     *
     * @param services the service of a name; null where there are none, as in {@code explain} without a process
     * @throws IllegalArgumentException with file, line and column when a path, expression, template or field is
     *     invalid
     */
    public static RouteTable of(List<RouteConfig> configs, Function<String, @Nullable Service> services) {
        List<Route> routes = new ArrayList<>(configs.size());
        for (RouteConfig config : configs) {
            if (!config.fromTags()) {
                routes.add(new Route(config, routes.size(), services));
            }
        }
        return new RouteTable(routes);
    }

    /**
     * The first route that matches a request whose path is normalised; null for none. Allocates nothing unless a
     * regular expression must be tried.
     */
    public @Nullable Route match(RequestHead head) {
        int number = index.match(head);
        return number < 0 ? null : byNumber[number];
    }

    /** Every route in file order; a route's place is its number. */
    public List<Route> routes() {
        return routes;
    }

    /**
     * Says which route a request takes and why not one before it. Allocates; for people.
     *
     * @param host with or without port, in any case
     * @param path with or without query, as a client would send it
     * @param headers name and value of each field line, as the backend would see them
     */
    public Explanation explain(String method, String host, String path, List<Map.Entry<String, String>> headers) {
        return new Walk(this).explain(RequestSketch.head(method, host, path, headers));
    }

    /** How many slots the worst look-up in any of the hash tables visits. */
    int longestProbe() {
        return index.longestProbe();
    }
}
