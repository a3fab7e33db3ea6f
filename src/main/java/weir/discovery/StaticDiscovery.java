package weir.discovery;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.random.RandomGenerator;
import weir.service.Service;
import weir.service.ServiceListener;

/**
 * Gives each service the endpoints that the configuration names: addresses at once, and every address of a host name,
 * resolved anew when the answer's time to live is over, or after {@code dns-refresh} where it has none. Told of services
 * on the control thread.
 */
public final class StaticDiscovery implements ServiceListener {
    private final DiscoveryThread thread;
    private final Map<String, StaticEndpoints> services = new ConcurrentHashMap<>();

    /** A discovery that works on the control thread; {@code random} is used there only. */
    public StaticDiscovery(ScheduledExecutorService executor, NameResolver resolver, RandomGenerator random) {
        this.thread = new DiscoveryThread(executor, resolver, random);
    }

    @Override
    public void changed(Service service) {
        if (service.config().consul() != null) {
            // Its endpoints are another discovery's.
            removed(service);
            return;
        }
        StaticEndpoints known = services.get(service.name());
        if (known == null) {
            known = new StaticEndpoints(service, thread);
            services.put(service.name(), known);
        }
        known.follow(service.config());
    }

    @Override
    public void removed(Service service) {
        StaticEndpoints known = services.remove(service.name());
        if (known != null) {
            known.stop();
        }
    }

    /**
     * Whether every name of that service has been answered once, be it that there is no such name; true for a service
     * without names. Any thread.
     */
    public boolean answered(String service) {
        StaticEndpoints known = services.get(service);
        return known != null && known.answered();
    }

    /** Ends all look-ups. Control thread, or after it has ended. */
    public void close() {
        services.values().forEach(StaticEndpoints::stop);
    }
}
