package weir.tls;

import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import weir.config.ServiceConfig;

/**
 * Takes up files of TLS to backends that changed while the configuration did not: authorities, certificates, keys. A
 * change that is no good leaves what is in force there, and is said. Confined to the control thread.
 */
public final class BackendRenewal {
    private static final Logger LOG = LoggerFactory.getLogger(BackendRenewal.class);
    private static final long PERIOD_MILLIS = 500;

    private final BackendContexts contexts;
    private final Map<String, Watched> watched = new HashMap<>();

    private record Watched(ServiceConfig.Tls tls, MaterialWatch watch) {}

    /** Renews what is in force in those contexts. */
    public BackendRenewal(BackendContexts contexts) {
        this.contexts = contexts;
    }

    /** Looks from time to time, on that thread. */
    public void start(ScheduledExecutorService control) {
        control.scheduleWithFixedDelay(this::lookOn, 0, PERIOD_MILLIS, TimeUnit.MILLISECONDS);
    }

    /** An exception would end the schedule. */
    private void lookOn() {
        try {
            look();
        } catch (RuntimeException | Error bug) {
            LOG.error("a bug while files of TLS to backends were looked at", bug);
        }
    }

    /** Puts in force what changed, service by service. */
    void look() {
        Map<String, BackendTls> before = contexts.inForce();
        Map<String, BackendTls> next = new TreeMap<>();
        before.forEach((service, tls) -> {
            BackendTls fresh = look(service, tls);
            if (fresh != tls) {
                next.put(service, fresh);
            }
        });
        watched.keySet().retainAll(before.keySet());
        if (!next.isEmpty()) {
            Map<String, BackendTls> all = new HashMap<>(before);
            all.putAll(next);
            contexts.publish(Map.copyOf(all));
            next.keySet().forEach(service -> LOG.info("service {}: changed TLS files are in force", service));
        }
    }

    private BackendTls look(String service, BackendTls inForce) {
        Watched known = watched.get(service);
        if (known == null || known.tls() != inForce.configuration()) {
            known = new Watched(inForce.configuration(), new MaterialWatch(inForce.configuration()));
            watched.put(service, known);
        }
        if (!known.watch().look()) {
            return inForce;
        }
        try {
            return inForce.reread(contexts.provider());
        } catch (BadMaterial e) {
            LOG.error("service {}: changed TLS files are no good, the old ones stay:\n{}", service, e.getMessage());
            return inForce;
        }
    }
}
