package weir.service;

import java.time.InstantSource;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import weir.config.ServiceConfig;
import weir.metrics.Metrics;

/**
 * The services of the process by name. It outlives reloads, and with it every service and backend that stays.
 * Thread-safe; changed on the control thread.
 */
public final class Services {
    private final ScheduledExecutorService executor;
    private final Control control;
    private final BackendNumbers numbers = new BackendNumbers();
    private final List<ServiceListener> listeners = new CopyOnWriteArrayList<>();
    private volatile Map<String, Service> services = Map.of();

    /**
     * No services yet.
     *
     * @param executor the control thread
     * @param policies makes a new policy
     * @param outcomes told how attempts end
     */
    public Services(
            ScheduledExecutorService executor,
            InstantSource clock,
            Function<ServiceConfig.Balance, Policy> policies,
            OutcomeListener outcomes,
            Metrics metrics) {
        this.executor = executor;
        this.control = new Control(executor, clock, policies, outcomes, metrics);
    }

    /** Starts the window of the retry budgets, on the control thread. */
    public void start() {
        executor.scheduleAtFixedRate(() -> services.values().forEach(Service::tick), 1, 1, TimeUnit.SECONDS);
    }

    /** Adds a listener to all further changes. */
    public void listen(ServiceListener listener) {
        listeners.add(listener);
    }

    /** Creates, changes and removes services so that these are left, in this order. */
    public void apply(Map<String, ServiceConfig> configs) {
        Map<String, Service> before = services;
        Map<String, Service> next = new LinkedHashMap<>();
        configs.forEach((name, config) -> {
            Service known = before.get(name);
            next.put(name, known != null ? known : new Service(config, control, numbers, this::changed));
        });
        services = Collections.unmodifiableMap(next);
        next.forEach((name, service) -> {
            if (before.containsKey(name)) {
                service.configure(configs.get(name));
            } else {
                changed(service);
            }
        });
        before.forEach((name, service) -> {
            if (!next.containsKey(name)) {
                service.retire();
                listeners.forEach(listener -> listener.removed(service));
            }
        });
    }

    /** The service of that name, or null. */
    public @Nullable Service service(String name) {
        return services.get(name);
    }

    /** Every service in the order of the configuration. */
    public Collection<Service> all() {
        return services.values();
    }

    private void changed(Service service) {
        listeners.forEach(listener -> listener.changed(service));
    }
}
