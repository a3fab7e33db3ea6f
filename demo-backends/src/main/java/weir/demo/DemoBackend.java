package weir.demo;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One running demo backend: its HTTP server, for sum its gRPC server, and its places in Consul. Thread-safe. */
final class DemoBackend implements AutoCloseable {
    private static final Duration CONSUL_INTERVAL = Duration.ofSeconds(5);

    private final Options options;
    private final HttpEndpoint http;
    private final @Nullable RpcEndpoint rpc;
    private final List<ConsulRegistration> registrations;

    private DemoBackend(
            Options options, HttpEndpoint http, @Nullable RpcEndpoint rpc, List<ConsulRegistration> registrations) {
        this.options = options;
        this.http = http;
        this.rpc = rpc;
        this.registrations = registrations;
    }

    /** Binds, begins to serve and to register. Each request is one line to {@code log}. */
    static DemoBackend start(Options options, Consumer<String> log) throws IOException {
        HttpEndpoint http = HttpEndpoint.bind(options, log);
        RpcEndpoint rpc = null;
        try {
            Integer grpcPort = options.grpcPort();
            if (grpcPort != null) {
                rpc = RpcEndpoint.start(options.bind(), grpcPort, http.name(), log);
            }
        } catch (IOException failed) {
            http.close();
            throw failed;
        }
        http.start(options.role() == Options.Role.HELLO ? new Hello() : new SumOverHttp());
        log.accept(http.name() + " listens on http://" + options.bind() + ":" + http.port()
                + (rpc == null ? "" : " and for gRPC on " + options.bind() + ":" + rpc.port()));
        return new DemoBackend(options, http, rpc, register(options, http, rpc, log));
    }

    Options options() {
        return options;
    }

    int port() {
        return http.port();
    }

    int grpcPort() {
        return rpc == null ? -1 : rpc.port();
    }

    /** Leaves Consul first, so that nobody is sent here any more, then finishes what is under way. */
    @Override
    public void close() {
        registrations.forEach(ConsulRegistration::close);
        if (rpc != null) {
            rpc.close();
        }
        http.close();
    }

    private static List<ConsulRegistration> register(
            Options options, HttpEndpoint http, @Nullable RpcEndpoint rpc, Consumer<String> log) {
        if (options.consul() == null) {
            return List.of();
        }
        ConsulAgent agent = new ConsulAgent(options.consul(), System.getenv("CONSUL_HTTP_TOKEN"));
        List<ConsulService> services = new ArrayList<>();
        services.add(
                ConsulService.http(http.name(), options.service(), options.tags(), options.address(), http.port()));
        if (rpc != null) {
            services.add(ConsulService.grpc(
                    http.name() + "-rpc", options.service() + "-rpc", options.tags(), options.address(), rpc.port()));
        }
        return services.stream()
                .map(service -> ConsulRegistration.start(agent, service, CONSUL_INTERVAL, log))
                .toList();
    }
}
