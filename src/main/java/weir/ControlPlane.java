package weir;

import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import weir.balance.Policies;
import weir.config.Configuration;
import weir.discovery.ConsulDiscovery;
import weir.discovery.ConsulRoutes;
import weir.discovery.DnsResolver;
import weir.discovery.StaticDiscovery;
import weir.discovery.TaggedRoutes;
import weir.health.CheckLoop;
import weir.health.Ejector;
import weir.health.HealthChecker;
import weir.health.SocketProbe;
import weir.metrics.Metrics;
import weir.service.Services;
import weir.tls.BackendContexts;

/**
 * Everything off the path of a request: discovery, health checks, ejection. One control thread makes all changes; health checks and
 * name look-ups have an event loop of their own. Thread-safe.
 */
final class ControlPlane {
    private final ScheduledExecutorService executor =
            Executors.newSingleThreadScheduledExecutor(new DefaultThreadFactory("weir-control"));
    private final MultiThreadIoEventLoopGroup controlLoops =
            new MultiThreadIoEventLoopGroup(1, new DefaultThreadFactory("weir-control-io"), NioIoHandler.newFactory());
    private final Services services;
    private final DnsResolver resolver;
    private final StaticDiscovery discovery;
    private final ConsulDiscovery consul;
    private final ConsulRoutes routes;
    private final HealthChecker checker;

    /** A control plane that calls {@code retag} on its thread when routes from tags may have changed. */
    ControlPlane(Metrics metrics, BackendContexts backendTls, Runnable retag) {
        Ejector ejector = new Ejector(executor, System::nanoTime, InstantSource.system(), new SplittableRandom());
        services = new Services(executor, InstantSource.system(), Policies::of, ejector, metrics);
        EventLoop controlLoop = (EventLoop) controlLoops.next();
        checker = new HealthChecker(
                new CheckLoop(
                        controlLoop,
                        System::nanoTime,
                        new SplittableRandom(),
                        new SocketProbe(controlLoop, backendTls)),
                metrics);
        resolver = new DnsResolver(controlLoop);
        discovery = new StaticDiscovery(executor, resolver, new SplittableRandom());
        consul = new ConsulDiscovery(executor, InstantSource.system(), System.getenv(), metrics);
        routes = new ConsulRoutes(executor, retag);
        services.listen(discovery);
        services.listen(consul);
        services.listen(ejector);
        services.listen(checker);
        services.start();
    }

    Services services() {
        return services;
    }

    /**
     * Takes over what the configuration says of discoveries and services; returns it with the routes from tags. On the
     * control thread.
     *
     * @throws IOException when files it names cannot be used; nothing has changed then
     */
    TaggedRoutes apply(Configuration configuration) throws IOException {
        consul.configure(configuration.consul());
        routes.configure(configuration.consul(), consul.agents());
        return retag(configuration);
    }

    /** Puts the services that tags ask for beside those of the configuration. On the control thread. */
    TaggedRoutes retag(Configuration configuration) {
        TaggedRoutes tagged = TaggedRoutes.of(configuration, routes.catalogue());
        services.apply(tagged.configuration().services());
        return tagged;
    }

    /** The same from another thread, which waits. */
    TaggedRoutes start(Configuration configuration) throws IOException {
        AtomicReference<IOException> failure = new AtomicReference<>();
        TaggedRoutes tagged = call(() -> {
            try {
                return apply(configuration);
            } catch (IOException e) {
                failure.set(e);
                return TaggedRoutes.of(configuration, Map.of());
            }
        });
        if (failure.get() != null) {
            throw failure.get();
        }
        return tagged;
    }

    /** What readiness waits for, for people; empty when every discovery has answered once. */
    List<String> unanswered(Configuration configuration) {
        List<String> names = new ArrayList<>(consul.unanswered());
        configuration.services().forEach((name, service) -> {
            if (service.consul() == null && !discovery.answered(name)) {
                names.add(name);
            }
        });
        return names;
    }

    /** Whether routes from tags are known, or not asked for. Any thread. */
    boolean routesAnswered() {
        return routes.answered();
    }

    ConsulDiscovery consul() {
        return consul;
    }

    StaticDiscovery discovery() {
        return discovery;
    }

    ScheduledExecutorService executor() {
        return executor;
    }

    /** Runs a task on the control thread and waits for it. */
    <T> T call(Callable<T> task) {
        try {
            return executor.submit(task).get();
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    void close() {
        checker.close();
        discovery.close();
        resolver.close();
        endControlThread();
        routes.close();
        consul.close();
        controlLoops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(2, TimeUnit.SECONDS);
    }

    /** Ends the control thread before the parts that it uses: a task under way could restart one of them. */
    private void endControlThread() {
        executor.shutdown();
        try {
            if (!executor.awaitTermination(2, TimeUnit.SECONDS)) {
                executor.shutdownNow();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
