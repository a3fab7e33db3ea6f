package weir.service;

import com.codahale.metrics.Counter;
import java.time.Duration;
import java.time.Instant;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import weir.metrics.Metrics;

/** Says each change of a backend's availability once, in the log and in metrics. Confined to its service's lock. */
final class Flips {
    private static final Logger LOG = LoggerFactory.getLogger(Service.class);
    private static final String EJECTIONS = "weir_ejections_total";
    private static final String HEALTH_FLIPS = "weir_health_flips_total";

    private final String service;
    private final Metrics metrics;
    private final Counter ejections;
    private final Counter down;
    private final Counter up;
    private boolean panic;

    Flips(String service, Metrics metrics) {
        this.service = service;
        this.metrics = metrics;
        this.ejections = metrics.counter(EJECTIONS, "service", service);
        this.down = metrics.counter(HEALTH_FLIPS, "service", service, "to", "down");
        this.up = metrics.counter(HEALTH_FLIPS, "service", service, "to", "up");
    }

    void marked(Backend backend, Unavailability u) {
        if (u.reason() == Reason.HEALTH) {
            down.inc();
        } else if (u.reason() == Reason.EJECTED) {
            ejections.inc();
        }
        String until = u.until() == null ? "" : ", for " + DurationText.of(Duration.between(u.since(), u.until()));
        LOG.warn(
                "service {}: backend {} is {}: {}{}",
                service,
                backend.address(),
                u.reason().text(),
                u.why(),
                until);
    }

    void cleared(Backend backend, Unavailability old, Instant now) {
        if (old.reason() == Reason.HEALTH) {
            up.inc();
        }
        LOG.info(
                "service {}: backend {} is no longer {} after {}: {}",
                service,
                backend.address(),
                old.reason().text(),
                DurationText.of(Duration.between(old.since(), now)),
                state(backend));
    }

    void panic(boolean now) {
        if (now != panic) {
            panic = now;
            if (now) {
                LOG.warn("service {}: no backend is available, ejected ones are picked", service);
            } else {
                LOG.info("service {}: ejected backends are no longer picked", service);
            }
        }
    }

    void members(int before, int joined, int left) {
        if (joined + left > 0) {
            LOG.info("service {}: {} backends ({} joined, {} left)", service, before + joined - left, joined, left);
        }
    }

    /** Forgets the service's metrics. */
    void remove() {
        metrics.remove(EJECTIONS, "service", service);
        metrics.remove(HEALTH_FLIPS, "service", service, "to", "down");
        metrics.remove(HEALTH_FLIPS, "service", service, "to", "up");
    }

    private static String state(Backend backend) {
        if (backend.unavailabilities().isEmpty()) {
            return backend.weight() > 0 ? "available" : "weight 0";
        }
        return backend.unavailabilities().stream()
                .map(u -> "still " + u.reason().text())
                .collect(Collectors.joining(", "));
    }
}
