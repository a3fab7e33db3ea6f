package weir.route;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import weir.http.RequestHead;
import weir.http.Span;

/**
 * The routes of one host, found by path: prefixes and exact paths by hash in one walk over the path, whose cost does
 * not depend on how many there are; regular expressions one after the other. Where routes share a path they are asked
 * in file order. Immutable.
 */
final class PathIndex {
    private static final Route[] NONE = {};

    private final Route[] everyPath;
    private final ByteTable<Route[]> prefixes;
    private final ByteTable<Route[]> exactPaths;
    private final Route[] expressions;
    private final int lowestNumber;
    /** Whether there is one route, for every path and on no condition: then that is all there is to know. */
    private final boolean one;

    /** Indexes routes that are in file order. */
    PathIndex(List<Route> routes) {
        List<Route> every = new ArrayList<>();
        List<Route> regex = new ArrayList<>();
        Map<String, List<Route>> byPrefix = new HashMap<>();
        Map<String, List<Route>> byPath = new HashMap<>();
        for (Route route : routes) {
            PathPattern pattern = route.pathPattern();
            switch (pattern.kind()) {
                case EVERY -> every.add(route);
                case PREFIX ->
                    byPrefix.computeIfAbsent(pattern.text(), k -> new ArrayList<>())
                            .add(route);
                case EXACT ->
                    byPath.computeIfAbsent(pattern.text(), k -> new ArrayList<>())
                            .add(route);
                case EXPRESSION -> regex.add(route);
            }
        }
        everyPath = every.toArray(NONE);
        prefixes = ByteTable.forward(arrays(byPrefix));
        exactPaths = ByteTable.forward(arrays(byPath));
        expressions = regex.toArray(NONE);
        lowestNumber = routes.isEmpty() ? Integer.MAX_VALUE : routes.get(0).number();
        one = routes.size() == 1 && everyPath.length == 1 && everyPath[0].conditions() == Conditions.NONE;
    }

    private static Map<String, Route[]> arrays(Map<String, List<Route>> lists) {
        Map<String, Route[]> arrays = new HashMap<>();
        lists.forEach((path, routes) -> arrays.put(path, routes.toArray(NONE)));
        return arrays;
    }

    /** The lowest number below {@code best} of a matching route without a regular expression, else {@code best}. */
    int matchLiteral(RequestHead head, int best) {
        if (lowestNumber >= best) {
            return best;
        }
        if (one) {
            return lowestNumber;
        }
        int found = firstOf(everyPath, head, best);
        byte[] a = head.fields().array();
        int start = head.path().start();
        int length = head.path().length();
        int limit = Math.min(length, Math.max(prefixes.longest(), exactPaths.longest()));
        int hash = 0;
        for (int n = 1; n <= limit; n++) {
            byte b = a[start + n - 1];
            hash = ByteTable.step(hash, b);
            if (prefixes.holds(n) && (n == length || b == '/' || a[start + n] == '/')) {
                found = firstOf(prefixes.get(hash, a, start, n), head, found);
            }
        }
        if (limit == length && exactPaths.holds(length)) {
            found = firstOf(exactPaths.get(hash, a, start, length), head, found);
        }
        return found;
    }

    /** The lowest number below {@code best} of a matching route with a regular expression, else {@code best}. */
    int matchExpression(RequestHead head, int best) {
        if (expressions.length == 0 || expressions[0].number() >= best) {
            return best;
        }
        Span path = head.path();
        PathText text = new PathText(head.fields().array(), path.start(), path.length());
        for (Route route : expressions) {
            if (route.number() >= best) {
                return best;
            }
            if (route.conditions().accept(head) && route.pathPattern().finds(text)) {
                return route.number();
            }
        }
        return best;
    }

    private static int firstOf(Route @Nullable [] routes, RequestHead head, int best) {
        if (routes != null) {
            for (Route route : routes) {
                if (route.number() >= best) {
                    return best;
                }
                if (route.conditions().accept(head)) {
                    return route.number();
                }
            }
        }
        return best;
    }

    /** How many slots the worst look-up among the prefixes or exact paths visits. */
    int longestProbe() {
        return Math.max(prefixes.longestProbe(), exactPaths.longestProbe());
    }
}
