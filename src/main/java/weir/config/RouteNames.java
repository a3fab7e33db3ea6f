package weir.config;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import weir.config.RouteShape.ReadRoute;

/** Gives every route a name of its own: the one of the file, else host and path, with a number where that is taken. */
final class RouteNames {
    private RouteNames() {}

    static List<RouteConfig> assign(List<ReadRoute> routes, Source source) {
        Map<String, Location> written = new HashMap<>();
        for (ReadRoute read : routes) {
            String name = read.route().name();
            Location first = name.isEmpty() ? null : written.putIfAbsent(name, read.nameAt());
            if (first != null) {
                source.problem(
                        read.nameAt(),
                        "name: " + Problem.shown(name) + ": another route has it",
                        "a name of its own; the first is at line " + first.line() + ", column " + first.column(),
                        null);
            }
        }
        Set<String> taken = new HashSet<>(written.keySet());
        Map<String, Integer> counts = new HashMap<>();
        List<RouteConfig> named = new ArrayList<>(routes.size());
        for (ReadRoute read : routes) {
            RouteConfig route = read.route();
            named.add(route.name().isEmpty() ? route.named(unique(describe(route), taken, counts)) : route);
        }
        return named;
    }

    private static String unique(String name, Set<String> taken, Map<String, Integer> counts) {
        String candidate = name;
        while (!taken.add(candidate)) {
            candidate = name + '#' + counts.merge(name, 2, (count, two) -> count + 1);
        }
        return candidate;
    }

    private static String describe(RouteConfig route) {
        String host = route.host() == null ? "" : route.host();
        if (route.fromTags()) {
            return "from-tags";
        }
        if (route.pathRegex() != null) {
            return host + '~' + route.pathRegex();
        }
        if (route.exactPath() != null) {
            return host + route.exactPath();
        }
        return host + (route.path() == null ? "/" : route.path());
    }
}
