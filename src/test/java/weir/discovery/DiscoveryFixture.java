package weir.discovery;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import weir.balance.Policies;
import weir.config.Address;
import weir.config.ConsulConfig;
import weir.config.ServiceConfig;
import weir.metrics.MetricFamily;
import weir.metrics.Metrics;
import weir.service.Backend;
import weir.service.Reason;
import weir.service.Service;
import weir.service.Services;
import weir.testing.Await;
import weir.testing.ServiceFixture;

/** Consul discovery and its services on a control thread of their own, as in the process. */
final class DiscoveryFixture implements AutoCloseable {
    private static final Backend[] NONE = {};

    final Metrics metrics = new Metrics(1);
    final Services services;
    final ConsulDiscovery discovery;
    private final ScheduledExecutorService control = Executors.newSingleThreadScheduledExecutor();
    private final Map<String, ServiceConfig> configs = new LinkedHashMap<>();
    private ConsulConfig config;

    private DiscoveryFixture(ConsulConfig config, Map<String, String> environment) {
        this.config = config;
        services = new Services(control, InstantSource.system(), Policies::of, ServiceFixture.DEAF, metrics);
        discovery = new ConsulDiscovery(control, InstantSource.system(), environment, metrics);
        services.listen(discovery);
        configure(config);
    }

    /** A discovery that asks these agents. */
    static DiscoveryFixture of(int... ports) {
        return new DiscoveryFixture(config(ports), Map.of());
    }

    static DiscoveryFixture of(ConsulConfig config) {
        return new DiscoveryFixture(config, Map.of());
    }

    static DiscoveryFixture of(ConsulConfig config, Map<String, String> environment) {
        return new DiscoveryFixture(config, environment);
    }

    /** Defaults, but for what takes long. */
    static ConsulConfig config(int... ports) {
        return config(null, null, null, Duration.ofSeconds(2), 100, ports);
    }

    static ConsulConfig config(
            @Nullable String tokenFile,
            ConsulConfig.@Nullable Tls tls,
            @Nullable String cacheFile,
            Duration shrinkHold,
            int maxConnections,
            int... ports) {
        List<Address> addresses = new java.util.ArrayList<>();
        for (int port : ports) {
            addresses.add(new Address("127.0.0.1", port));
        }
        return new ConsulConfig(
                addresses,
                tokenFile,
                tls,
                Duration.ofMinutes(5),
                Duration.ofMinutes(10),
                cacheFile,
                shrinkHold,
                maxConnections,
                null,
                false);
    }

    static ServiceConfig.Consul consul(String name) {
        return new ServiceConfig.Consul(name, List.of(), null, null, null, null, null, "lan");
    }

    void configure(ConsulConfig next) {
        config = next;
        onControl(() -> discovery.configure(next));
    }

    ConsulConfig config() {
        return config;
    }

    /** Adds a service that has the name it has in Consul. */
    Service follow(String name) {
        return follow(consul(name));
    }

    /** Adds a service. */
    Service follow(ServiceConfig.Consul consul) {
        return follow(List.of(consul)).get(0);
    }

    /** Adds services. */
    List<Service> follow(List<ServiceConfig.Consul> more) {
        more.forEach(consul -> configs.put(consul.service(), ServiceFixture.consulConfig(consul.service(), consul)));
        onControl(() -> services.apply(configs));
        return more.stream()
                .map(consul -> services.service(consul.service()))
                .map(java.util.Objects::requireNonNull)
                .toList();
    }

    /** Removes a service. */
    void forget(String name) {
        configs.remove(name);
        onControl(() -> services.apply(configs));
    }

    interface Task {
        void run() throws IOException;
    }

    void onControl(Task task) {
        try {
            control.submit(() -> {
                        task.run();
                        return null;
                    })
                    .get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException e) {
            throw new UncheckedIOException(new IOException(e.getCause()));
        }
    }

    /** Ports of the backends that may be picked. */
    static Set<Integer> available(Service service) {
        Set<Integer> ports = new TreeSet<>();
        for (Backend backend : service.backends()) {
            if (backend.available()) {
                ports.add(backend.socketAddress().getPort());
            }
        }
        return ports;
    }

    /** Ports of the backends that Consul holds for out. */
    static Set<Integer> out(Service service) {
        Set<Integer> ports = new TreeSet<>();
        for (Backend backend : service.backends()) {
            if (backend.unavailability(Reason.CONSUL) != null) {
                ports.add(backend.socketAddress().getPort());
            }
        }
        return ports;
    }

    /** The backend of that port. */
    static Backend backend(Service service, int port) {
        for (Backend backend : service.backends()) {
            if (backend.socketAddress().getPort() == port) {
                return backend;
            }
        }
        throw new AssertionError("no backend " + port);
    }

    /** Waits until exactly these may be picked, and are; returns how long that took. */
    static Duration await(Service service, Integer... ports) throws IOException, InterruptedException {
        long begun = System.nanoTime();
        Set<Integer> wanted = new TreeSet<>(List.of(ports));
        Await.until(
                () -> available(service).equals(wanted)
                        && picked(service, wanted.size()).equals(wanted),
                () -> "available: " + available(service) + " out: " + out(service) + " (expected: " + wanted + "); "
                        + service.discovery());
        return Duration.ofNanos(System.nanoTime() - begun);
    }

    private static Set<Integer> picked(Service service, int rounds) {
        Set<Integer> ports = new TreeSet<>();
        for (int i = 0; i < rounds * 20; i++) {
            Backend backend = service.pick(NONE, 0);
            if (backend != null) {
                ports.add(backend.socketAddress().getPort());
            }
        }
        return ports;
    }

    /** How many requests to Consul ended like that. */
    long requests(String result) {
        return metrics.counter(MetricFamily.CONSUL_REQUESTS, "result", result).getCount();
    }

    @Override
    public void close() {
        control.shutdown();
        try {
            if (!control.awaitTermination(20, TimeUnit.SECONDS)) {
                throw new AssertionError("the control thread does not end");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        discovery.close();
    }
}
