package weir.admin;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What became of each route that was asked for a request. Immutable.
 *
 * @param steps in the order of the table, up to the one that matched; later ones are not asked
 * @param route the name of the one that matched; null when none did
 * @param service the service it leads to; null when it answers by itself
 * @param answer what it answers by itself: {@code redirect 301 to https://example.com/}; null when it leads to a service
 * @param forwardedTarget path and query as a backend would see them; null without a service
 */
public record RouteWalk(
        List<Step> steps,
        @Nullable String route,
        @Nullable String service,
        @Nullable String answer,
        @Nullable String forwardedTarget) {
    public RouteWalk {
        steps = List.copyOf(steps);
    }

    /** A walk that ended without a match. */
    public static RouteWalk unmatched(List<Step> steps) {
        return new RouteWalk(steps, null, null, null, null);
    }

    /**
     * One route.
     *
     * @param location where it stands in the configuration, {@code file:line:column}
     * @param why what did not match, or what did: {@code path /hello is not a prefix of /sum}
     */
    public record Step(String route, String location, boolean matched, String why) {}
}
