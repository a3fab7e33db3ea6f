package weir.route;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import weir.http.FieldSyntax;
import weir.http.RequestHead;

/**
 * The routes of a table by host: one walk over the host from its end finds the routes of that name, of each wildcard
 * above it, and those for every host, at a cost that does not depend on how many hosts there are. Immutable.
 */
final class HostIndex {
    private final ByteTable<PathIndex> names;
    private final ByteTable<PathIndex> wildcards;
    private final PathIndex everyHost;
    private final boolean expressions;

    /** Indexes routes that are in file order. */
    HostIndex(List<Route> routes) {
        Map<String, List<Route>> byName = new HashMap<>();
        Map<String, List<Route>> byWildcard = new HashMap<>();
        List<Route> every = new ArrayList<>();
        for (Route route : routes) {
            String host = route.config().host();
            if (host == null) {
                every.add(route);
            } else if (host.startsWith("*.")) {
                byWildcard
                        .computeIfAbsent(host.substring(1), k -> new ArrayList<>())
                        .add(route);
            } else {
                byName.computeIfAbsent(host, k -> new ArrayList<>()).add(route);
            }
        }
        names = ByteTable.backward(indexes(byName));
        wildcards = ByteTable.backward(indexes(byWildcard));
        everyHost = new PathIndex(every);
        expressions = routes.stream().anyMatch(r -> r.pathPattern().kind() == PathPattern.Kind.EXPRESSION);
    }

    private static Map<String, PathIndex> indexes(Map<String, List<Route>> lists) {
        Map<String, PathIndex> indexes = new HashMap<>();
        lists.forEach((host, routes) -> indexes.put(host, new PathIndex(routes)));
        return indexes;
    }

    /** The number of the first route in file order that matches; -1 for none. */
    int match(RequestHead head) {
        int best = match(head, false, Integer.MAX_VALUE);
        if (expressions) {
            // Only now: a regular expression need not be tried when a literal route stands before it.
            best = match(head, true, best);
        }
        return best == Integer.MAX_VALUE ? -1 : best;
    }

    private int match(RequestHead head, boolean expression, int before) {
        int best = match(everyHost, head, expression, before);
        byte[] a = head.fields().array();
        int start = head.host().start();
        int end = head.host().end();
        int hash = 0;
        for (int i = end - 1; i >= start; i--) {
            byte b = FieldSyntax.toLower(a[i]);
            hash = ByteTable.step(hash, b);
            if (b == '.' && i > start && wildcards.holds(end - i)) {
                best = match(wildcards.getIgnoreCase(hash, a, i, end - i), head, expression, best);
            }
        }
        return names.holds(end - start)
                ? match(names.getIgnoreCase(hash, a, start, end - start), head, expression, best)
                : best;
    }

    private static int match(@Nullable PathIndex index, RequestHead head, boolean expression, int best) {
        if (index == null) {
            return best;
        }
        return expression ? index.matchExpression(head, best) : index.matchLiteral(head, best);
    }

    /** Whether the host of the request is that of the route; for those who explain, the index is quicker. */
    static boolean matches(@Nullable String pattern, String lowerCaseHost) {
        if (pattern == null) {
            return true;
        }
        return pattern.startsWith("*.")
                ? lowerCaseHost.length() >= pattern.length() && lowerCaseHost.endsWith(pattern.substring(1))
                : lowerCaseHost.equals(pattern);
    }

    /** How many slots the worst look-up, of a host or of a path of any host, visits. */
    int longestProbe() {
        int longest = Math.max(names.longestProbe(), wildcards.longestProbe());
        longest = Math.max(longest, everyHost.longestProbe());
        for (PathIndex index : names.values()) {
            longest = Math.max(longest, index.longestProbe());
        }
        for (PathIndex index : wildcards.values()) {
            longest = Math.max(longest, index.longestProbe());
        }
        return longest;
    }
}
