package weir.admin;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where a request would go and why. Immutable. What each part means stands at {@link RouteWalk}.
 *
 * @param panic whether no backend is available, so that the ejected ones are picked
 * @param backends those of the service; empty without one
 */
public record Explanation(
        ExplainRequest request,
        List<RouteWalk.Step> routes,
        @Nullable String route,
        @Nullable String answer,
        @Nullable String service,
        @Nullable String forwardedTarget,
        boolean panic,
        List<Candidate> backends) {
    public Explanation {
        routes = List.copyOf(routes);
        backends = List.copyOf(backends);
    }

    /** Joins a walk and the service it ends at; null when it ends at none. */
    static Explanation of(ExplainRequest request, RouteWalk walk, @Nullable ServiceStatus service) {
        return new Explanation(
                request,
                walk.steps(),
                walk.route(),
                walk.answer(),
                walk.service(),
                walk.forwardedTarget(),
                service != null && service.panic(),
                service == null ? List.of() : Candidate.of(service));
    }
}
