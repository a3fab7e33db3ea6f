package weir.listener;

import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import weir.config.Address;
import weir.tls.ExpiryWarnings;
import weir.tls.ServerContexts;
import weir.tls.ServerRenewal;
import weir.tls.ServerTls;

/**
 * Keeps the TLS of all listeners fresh while the configuration stays: takes up changed files, changes the process's own
 * ticket keys, and warns of certificates that expire. Confined to the control thread.
 */
final class TlsRenewal {
    private static final Logger LOG = LoggerFactory.getLogger(TlsRenewal.class);
    private static final long PERIOD_MILLIS = 500;

    /** Long beside the hours a ticket is good for, so that of three keys no ticket in use needs a fourth. */
    private static final long TICKET_KEY_LOOKS = TimeUnit.HOURS.toMillis(12) / PERIOD_MILLIS;

    private final Listeners listeners;
    private final ServerContexts contexts;
    private final ServerRenewal renewal;
    private final ExpiryWarnings warnings = new ExpiryWarnings();
    private long looks;

    TlsRenewal(Listeners listeners, ServerContexts contexts) {
        this.listeners = listeners;
        this.contexts = contexts;
        this.renewal = new ServerRenewal(contexts);
    }

    void start(ScheduledExecutorService control) {
        control.scheduleWithFixedDelay(this::lookOn, 0, PERIOD_MILLIS, TimeUnit.MILLISECONDS);
    }

    /** An exception would end the schedule. */
    private void lookOn() {
        try {
            look(Instant.now());
        } catch (RuntimeException | Error bug) {
            LOG.error("a bug while TLS files were looked at", bug);
        }
    }

    private static ListenerSettings renewed(ListenerSettings listener, ServerTls fresh) {
        try {
            return listener.with(fresh, QuicListeners.tls(listener.config(), fresh, listener));
        } catch (IOException e) {
            LOG.error("listener {}: HTTP/3 keeps its old certificates: {}", listener.name(), e.getMessage());
            return listener.with(fresh, listener.quic());
        }
    }

    private void look(Instant now) {
        Map<Address, ListenerSettings> next = new LinkedHashMap<>();
        List<ServerTls> all = new ArrayList<>();
        Set<String> names = new HashSet<>();
        List<String> changed = new ArrayList<>();
        for (Map.Entry<Address, ListenerSettings> entry :
                listeners.settings().listeners().entrySet()) {
            ListenerSettings listener = entry.getValue();
            ServerTls tls = listener.tls();
            if (tls != null) {
                ServerTls fresh = renewal.look(listener.name(), tls);
                if (fresh != tls) {
                    changed.add(listener.name());
                    listener = renewed(listener, fresh);
                }
                all.add(fresh);
                names.add(listener.name());
                warnings.look(listener.name(), fresh.certificates(), now);
            }
            next.put(entry.getKey(), listener);
        }
        renewal.keep(names);
        if (!changed.isEmpty()) {
            listeners.renew(next);
            changed.forEach(name -> LOG.info("listener {}: changed TLS files are in force", name));
        }
        if (++looks % TICKET_KEY_LOOKS == 0 && !all.isEmpty()) {
            contexts.rotateTicketKeys(all);
        }
    }
}
