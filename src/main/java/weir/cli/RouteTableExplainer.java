package weir.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import weir.admin.ExplainRequest;
import weir.admin.Explainer;
import weir.admin.RouteWalk;
import weir.admin.Secrets;
import weir.config.Configuration;
import weir.config.RouteConfig;
import weir.route.Explanation;
import weir.route.RouteTable;

/** Asks the route table in force, of a process or of a file. Thread-safe. */
public final class RouteTableExplainer implements Explainer {
    private final Supplier<RouteTable> routes;
    private final BelievedFields believed;

    /** Asks the table that is supplied at each request, of that configuration. */
    public RouteTableExplainer(Supplier<RouteTable> routes, Configuration configuration) {
        this.routes = routes;
        this.believed = new BelievedFields(configuration.clientCertificateFields());
    }

    @Override
    public RouteWalk explain(ExplainRequest request) {
        RouteTable table = routes.get();
        Explanation found =
                table.explain(request.method(), request.authority(), request.target(), believed.of(request));
        if (found.path() == null) {
            throw new IllegalArgumentException(
                    "url: " + request.target() + " would be answered 400: the path is not valid");
        }
        List<RouteWalk.Step> steps = new ArrayList<>();
        for (Explanation.Step s : found.steps()) {
            steps.add(new RouteWalk.Step(
                    s.route(),
                    s.location(),
                    s.matched(),
                    why(s, table.routes().get(s.number()).config())));
        }
        if (found.route() == null) {
            return RouteWalk.unmatched(steps);
        }
        RouteConfig winner = table.routes().get(steps.size() - 1).config();
        return new RouteWalk(steps, found.route(), found.service(), answer(winner), forwarded(found, request));
    }

    private static String why(Explanation.Step step, RouteConfig route) {
        String mismatch = step.mismatch();
        if (mismatch == null) {
            return "every condition holds";
        }
        for (String name : route.headers().keySet()) {
            // A route may ask for a key that only some clients know; the walk is shown to others.
            if (Secrets.hides(name) && mismatch.startsWith("header " + name + " is not ")) {
                return "header " + name + " is not the one asked for";
            }
        }
        return mismatch;
    }

    private static @Nullable String answer(RouteConfig route) {
        if (route.redirect() != null) {
            return "redirect " + route.redirect().status() + " to "
                    + route.redirect().to();
        }
        return route.respond() == null ? null : "respond " + route.respond().status();
    }

    private static @Nullable String forwarded(Explanation found, ExplainRequest request) {
        int query = request.target().indexOf('?');
        return found.forwardedPath() == null || query < 0
                ? found.forwardedPath()
                : found.forwardedPath() + request.target().substring(query);
    }
}
