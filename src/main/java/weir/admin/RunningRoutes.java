package weir.admin;

import java.util.List;
import weir.config.RefusedTag;
import weir.config.RouteConfig;

/**
 * The routes in force. Immutable.
 *
 * @param routes in order, those from tags in their place
 * @param refused tags in Consul that were to make a route and do not
 */
public record RunningRoutes(List<RouteConfig> routes, List<RefusedTag> refused) {
    public RunningRoutes {
        routes = List.copyOf(routes);
        refused = List.copyOf(refused);
    }
}
