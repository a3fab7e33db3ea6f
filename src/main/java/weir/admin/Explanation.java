package weir.admin;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where a request would go and why. Immutable. What each part means stands at {@link RouteWalk}.
 *
 * @param backends those of the service; empty without one
 */
public record Explanation(
        ExplainRequest request,
        List<RouteWalk.Step> routes,
        @Nullable String route,
        @Nullable String answer,
        @Nullable String service,
        @Nullable String forwardedTarget,
        List<Candidate> backends) {
    public Explanation {
        routes = List.copyOf(routes);
        backends = List.copyOf(backends);
    }

    /** Joins a walk and the service it ends at. */
    public static Explanation of(ExplainRequest request, RouteWalk walk, List<Candidate> backends) {
        return new Explanation(
                request, walk.steps(), walk.route(), walk.answer(), walk.service(), walk.forwardedTarget(), backends);
    }
}
