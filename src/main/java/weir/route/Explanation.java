package weir.route;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a request walks the routes: one step for each route up to the one that matches. Immutable; made for printing.
 *
 * @param host the host that was matched: lower case, without port and trailing dot
 * @param path the normalised path that was matched; null when the request would be answered 400
 * @param steps the routes asked, in file order
 * @param route the name of the route that matches, or null
 * @param action {@code service}, {@code redirect} or {@code respond} when a route matches, else null
 * @param service the name of the service it leads to, or null
 * @param forwardedPath the path that the backend would see, or null when none would
 */
public record Explanation(
        String host,
        @Nullable String path,
        List<Step> steps,
        @Nullable String route,
        @Nullable String action,
        @Nullable String service,
        @Nullable String forwardedPath) {
    public Explanation {
        steps = List.copyOf(steps);
    }

    /**
     * One route that was asked.
     *
     * @param number the place in the table, from 0
     * @param location file, line and column
     * @param mismatch the first condition that failed, or null
     */
    public record Step(
            int number,
            String route,
            String location,
            boolean matched,
            @Nullable String mismatch) {}
}
