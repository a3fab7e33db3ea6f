package weir.health;

import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import weir.config.ServiceConfig.HealthCheck;
import weir.metrics.Metrics;
import weir.service.Backend;
import weir.service.Reason;
import weir.service.Service;
import weir.service.ServiceListener;

/**
 * Active health: checks every backend of every service that has a health check, all in parallel, the first time at
 * once. Follows services as they change; checks whose settings stay go on undisturbed. Its methods may be called on any
 * thread, everything else happens on the loop of the checks.
 */
public final class HealthChecker implements ServiceListener {
    private static final String CHECKS = "weir_health_checks_total";

    private final CheckLoop loop;
    private final Metrics metrics;
    private final Map<Service, Map<Backend, Check>> checks = new HashMap<>();

    /** A checker without services; it is told of them as a listener. */
    public HealthChecker(CheckLoop loop, Metrics metrics) {
        this.loop = loop;
        this.metrics = metrics;
    }

    @Override
    public void changed(Service service) {
        loop.executor().execute(() -> follow(service));
    }

    @Override
    public void removed(Service service) {
        loop.executor().execute(() -> {
            stop(checks.remove(service));
            metrics.remove(CHECKS, "service", service.name(), "result", "passed");
            metrics.remove(CHECKS, "service", service.name(), "result", "failed");
        });
    }

    /** Ends all checks. */
    public void close() {
        loop.executor().execute(() -> {
            checks.values().forEach(HealthChecker::stop);
            checks.clear();
        });
    }

    private void follow(Service service) {
        Map<Backend, Check> old = checks.remove(service);
        HealthCheck settings = service.config().healthCheck();
        if (settings == null) {
            if (old != null) {
                stop(old);
                old.keySet().forEach(backend -> forget(service, backend));
            }
            return;
        }
        Map<Backend, Check> left = old != null ? old : new IdentityHashMap<>();
        Map<Backend, Check> next = new IdentityHashMap<>();
        Check.Counters counters = new Check.Counters(
                metrics.counter(CHECKS, "service", service.name(), "result", "passed"),
                metrics.counter(CHECKS, "service", service.name(), "result", "failed"));
        for (Backend backend : service.backends()) {
            Check known = left.get(backend);
            if (known != null && known.settings().equals(settings)) {
                next.put(backend, known);
                left.remove(backend);
            } else {
                next.put(backend, new Check(loop, service, backend, settings, counters));
            }
        }
        stop(left);
        checks.put(service, next);
        next.values().forEach(Check::startIfNew);
    }

    private static void stop(@Nullable Map<Backend, Check> ended) {
        if (ended != null) {
            ended.values().forEach(Check::stop);
        }
    }

    /** Without checks nothing is known of its health. */
    private static void forget(Service service, Backend backend) {
        service.checked(backend, false);
        service.clear(backend, Reason.HEALTH);
    }
}
