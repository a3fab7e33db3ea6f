package weir;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import weir.admin.ExplainRequest;
import weir.admin.Readiness;
import weir.admin.RouteWalk;
import weir.admin.RunningConfiguration;
import weir.config.Configuration;
import weir.route.Explanation;
import weir.route.Route;
import weir.route.RouteTable;

/** The running process as the admin API sees it. Thread-safe. */
final class ProcessView {
    private final Weir weir;
    private volatile List<String> refused = List.of();
    private volatile Instant loadedAt = Instant.now();
    private volatile boolean bound;
    private volatile boolean draining;

    ProcessView(Weir weir) {
        this.weir = weir;
    }

    void bound() {
        bound = true;
    }

    void draining() {
        draining = true;
    }

    void loaded() {
        refused = List.of();
        loadedAt = Instant.now();
    }

    void refused(List<String> problems) {
        refused = problems;
    }

    private RunningConfiguration configuration() {
        return new RunningConfiguration(weir.configuration(), weir.file().toString(), loadedAt, refused);
    }

    private Readiness readiness() {
        if (draining) {
            return Readiness.draining(List.of("shutting down"));
        }
        List<String> missing = new ArrayList<>();
        if (!bound) {
            missing.add("sockets are not bound");
        }
        return missing.isEmpty() ? Readiness.READY : Readiness.starting(missing);
    }

    private RouteWalk explain(ExplainRequest request) {
        return walk(weir.data().proxy().routing().routes(), request);
    }

    /** The walk of a configuration that no process runs. */
    static RouteWalk walk(Configuration configuration, ExplainRequest request) {
        return walk(RouteTable.of(configuration.routes(), name -> null), request);
    }

    private static RouteWalk walk(RouteTable table, ExplainRequest request) {
        List<Map.Entry<String, String>> fields = request.fields().stream()
                .map(field -> Map.entry(field.name(), field.value()))
                .toList();
        Explanation found = table.explain(request.method(), request.authority(), request.target(), fields);
        List<RouteWalk.Step> steps = found.steps().stream()
                .map(step -> new RouteWalk.Step(
                        step.route(),
                        step.location(),
                        step.matched(),
                        step.mismatch() == null ? "matches" : step.mismatch()))
                .toList();
        return new RouteWalk(steps, found.route(), found.service(), answer(table, found), found.forwardedPath());
    }

    private static @Nullable String answer(RouteTable table, Explanation found) {
        if (found.route() == null || found.service() != null) {
            return null;
        }
        for (Route route : table.routes()) {
            if (route.name().equals(found.route())) {
                return route.config().redirect() != null
                        ? "redirect " + route.config().redirect().status() + " to "
                                + route.config().redirect().to()
                        : "respond "
                                + (route.config().respond() == null
                                        ? ""
                                        : route.config().respond().status());
            }
        }
        return found.action();
    }
}
