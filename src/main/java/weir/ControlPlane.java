package weir;

import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.time.InstantSource;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import weir.balance.Policies;
import weir.discovery.DnsResolver;
import weir.discovery.StaticDiscovery;
import weir.health.CheckLoop;
import weir.health.Ejector;
import weir.health.HealthChecker;
import weir.health.SocketProbe;
import weir.metrics.Metrics;
import weir.service.Services;

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
    private final HealthChecker checker;

    ControlPlane(Metrics metrics) {
        Ejector ejector = new Ejector(executor, System::nanoTime, InstantSource.system(), new SplittableRandom());
        services = new Services(executor, InstantSource.system(), Policies::of, ejector, metrics);
        EventLoop controlLoop = (EventLoop) controlLoops.next();
        checker = new HealthChecker(
                new CheckLoop(controlLoop, System::nanoTime, new SplittableRandom(), new SocketProbe(controlLoop)),
                metrics);
        resolver = new DnsResolver(controlLoop);
        discovery = new StaticDiscovery(executor, resolver, new SplittableRandom());
        services.listen(discovery);
        services.listen(ejector);
        services.listen(checker);
        services.start();
    }

    Services services() {
        return services;
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
        executor.shutdown();
        controlLoops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(2, TimeUnit.SECONDS);
    }
}
