package weir;

import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import weir.admin.AdminControls;
import weir.admin.AdminServer;
import weir.admin.AdminViews;
import weir.admin.ExplainRequest;
import weir.admin.LiveServices;
import weir.admin.LogLevels;
import weir.admin.PrometheusText;
import weir.admin.Readiness;
import weir.admin.RouteWalk;
import weir.admin.RunningConfiguration;
import weir.admin.RunningRoutes;
import weir.cli.RouteTableExplainer;
import weir.config.AdminConfig;
import weir.loop.ConnectionGuard;
import weir.metrics.LoopCounter;
import weir.metrics.MetricFamily;

/** The running process as the admin API sees it. Thread-safe. */
final class ProcessView {
    private final Weir weir;
    private volatile List<String> refused = List.of();
    private volatile Instant loadedAt = Instant.now();
    private volatile boolean bound;

    /** A service that comes later waits for its first answer by itself: the process stays ready. */
    private volatile boolean ready;

    private volatile boolean draining;

    ProcessView(Weir weir) {
        this.weir = weir;
    }

    AdminServer open(AdminConfig config) throws IOException {
        LiveServices services = new LiveServices(weir.control().services());
        PrometheusText metrics = new PrometheusText(weir.metrics());
        AdminViews views = new AdminViews(
                services,
                this::configuration,
                this::routes,
                this::explain,
                this::readiness,
                metrics::bytes,
                weir.data().heartbeats());
        AdminControls controls = new AdminControls(
                services,
                () -> weir.reloadNow("admin API"),
                new LogLevels(),
                weir.control().executor());
        LoopCounter broken = weir.metrics().counter(MetricFamily.CONNECTIONS_BROKEN, "side", "admin");
        return AdminServer.start(config, views, controls, new ConnectionGuard("the admin API's connection of", broken));
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
        return new RunningConfiguration(weir.configuration(), weir.source().name(), loadedAt, refused);
    }

    private RunningRoutes routes() {
        return new RunningRoutes(
                weir.tagged().configuration().routes(), weir.tagged().refused());
    }

    private Readiness readiness() {
        if (draining) {
            return Readiness.draining(List.of("shutting down"));
        }
        if (ready) {
            return Readiness.READY;
        }
        List<String> missing = new ArrayList<>();
        if (!bound) {
            missing.add("sockets are not bound");
        }
        for (String service : weir.control().unanswered(weir.configuration())) {
            missing.add("service " + service + ": no answer from discovery yet");
        }
        if (!weir.control().routesAnswered()) {
            missing.add("routes from tags: no answer from Consul yet");
        }
        ready = missing.isEmpty();
        return ready ? Readiness.READY : Readiness.starting(missing);
    }

    private RouteWalk explain(ExplainRequest request) {
        return new RouteTableExplainer(() -> weir.data().proxy().routing().routes(), weir.configuration())
                .explain(request);
    }
}
