package weir.testing;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import weir.balance.Policies;
import weir.config.Address;
import weir.config.Location;
import weir.config.ServiceConfig;
import weir.config.ServiceConfig.Balance;
import weir.config.ServiceConfig.Ejection;
import weir.config.ServiceConfig.HealthCheck;
import weir.config.ServiceConfig.StaticBackend;
import weir.metrics.Metrics;
import weir.service.Backend;
import weir.service.Endpoint;
import weir.service.Outcome;
import weir.service.OutcomeListener;
import weir.service.Service;
import weir.service.Services;

/** Services with a control thread that a test moves by hand. */
public final class ServiceFixture {
    /** An outcome listener that does nothing. */
    public static final OutcomeListener DEAF = new OutcomeListener() {
        @Override
        public void succeeded(Service service, Backend backend) {}

        @Override
        public void failed(Service service, Backend backend, Outcome outcome, int status) {}
    };

    private static final Backend[] NONE = {};

    public final ManualScheduler control;
    public final Metrics metrics = new Metrics(2);
    public final Services services;

    public ServiceFixture() {
        this(new ManualScheduler(), DEAF);
    }

    public ServiceFixture(ManualScheduler control, OutcomeListener outcomes) {
        this.control = control;
        this.services = new Services(control, control, Policies::of, outcomes, metrics);
    }

    /** Configures this one service and gives it these endpoints. */
    public Service service(ServiceConfig config, Endpoint... endpoints) {
        services.apply(Map.of(config.name(), config));
        Service service = services.service(config.name());
        service.endpoints(List.of(endpoints));
        return service;
    }

    /** Lets rebuilds that were asked for happen. */
    public void settle() {
        control.run();
    }

    /** Ports of the backends of so many picks in a row, none of them tried. */
    public static List<Integer> picks(Service service, int n) {
        List<Integer> ports = new ArrayList<>();
        for (int i = 0; i < n; i++) {
            Backend backend = service.pick(NONE, 0);
            ports.add(backend == null ? 0 : backend.socketAddress().getPort());
        }
        return ports;
    }

    /** So many endpoints of weight 1, on ports from 1. */
    public static Endpoint[] endpoints(int n) {
        int[] weights = new int[n];
        Arrays.fill(weights, 1);
        return endpoints(weights);
    }

    /** Endpoints of these weights, on ports from 1. */
    public static Endpoint[] endpoints(int[] weights) {
        Endpoint[] endpoints = new Endpoint[weights.length];
        for (int i = 0; i < weights.length; i++) {
            endpoints[i] = endpoint(i + 1, weights[i]);
        }
        return endpoints;
    }

    /** An endpoint on the loopback address. */
    public static Endpoint endpoint(int port, int weight) {
        String address = "127.0.0.1:" + port;
        return new Endpoint(address, socketAddress(port), address, weight, null, List.of(), Map.of(), null);
    }

    private static InetSocketAddress socketAddress(int port) {
        try {
            return new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), port);
        } catch (UnknownHostException e) {
            throw new AssertionError(e);
        }
    }

    /** A service with defaults, called {@code hello}. */
    public static ServiceConfig config(Balance balance) {
        return config(balance, null, Ejection.DEFAULT);
    }

    /** A service called {@code hello}. */
    public static ServiceConfig config(Balance balance, @Nullable HealthCheck check, Ejection ejection) {
        return config("hello", balance, List.of(), check, ejection, 20);
    }

    /** A service with defaults and these further attempts, called {@code hello}. */
    public static ServiceConfig config(ServiceConfig.Retry retry) {
        ServiceConfig config = config(Balance.ROUND_ROBIN);
        return new ServiceConfig(
                config.name(),
                config.balance(),
                config.backends(),
                config.dnsRefresh(),
                null,
                config.ejection(),
                retry,
                config.timeouts(),
                config.limits(),
                config.pool(),
                null);
    }

    /** A service with static backends, called {@code hello}; each is {@code host:port}. */
    public static ServiceConfig staticConfig(Duration dnsRefresh, String... backends) {
        List<StaticBackend> all = new ArrayList<>();
        for (String backend : backends) {
            int colon = backend.lastIndexOf(':');
            Address address = new Address(backend.substring(0, colon), Integer.parseInt(backend.substring(colon + 1)));
            all.add(new StaticBackend(address, 1, null, Location.UNKNOWN));
        }
        ServiceConfig config = config("hello", Balance.ROUND_ROBIN, all, null, Ejection.DEFAULT, 20);
        return new ServiceConfig(
                config.name(),
                config.balance(),
                all,
                dnsRefresh,
                null,
                config.ejection(),
                config.retry(),
                config.timeouts(),
                config.limits(),
                config.pool(),
                null);
    }

    /** A service whose backends are in Consul. */
    public static ServiceConfig consulConfig(String name, ServiceConfig.Consul consul) {
        ServiceConfig config = config(name, Balance.ROUND_ROBIN, List.of(), null, Ejection.DEFAULT, 20);
        return new ServiceConfig(
                config.name(),
                config.balance(),
                config.backends(),
                config.dnsRefresh(),
                null,
                config.ejection(),
                config.retry(),
                config.timeouts(),
                config.limits(),
                config.pool(),
                consul);
    }

    /** A service. */
    public static ServiceConfig config(
            String name,
            Balance balance,
            List<StaticBackend> backends,
            @Nullable HealthCheck check,
            Ejection ejection,
            int budgetPercent) {
        ServiceConfig.Retry retry = ServiceConfig.Retry.DEFAULT;
        return new ServiceConfig(
                name,
                balance,
                backends,
                Duration.ofSeconds(10),
                check,
                ejection,
                new ServiceConfig.Retry(
                        retry.attempts(),
                        retry.onConnectFailure(),
                        retry.onReset(),
                        retry.onStatuses(),
                        budgetPercent,
                        retry.minimumBackOff(),
                        retry.maximumBackOff()),
                ServiceConfig.Timeouts.DEFAULT,
                ServiceConfig.Limits.DEFAULT,
                ServiceConfig.Pool.DEFAULT,
                null);
    }
}
