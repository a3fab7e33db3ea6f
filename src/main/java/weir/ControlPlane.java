package weir;

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
import weir.health.Ejector;
import weir.metrics.Metrics;
import weir.service.Services;

/**
 * Everything off the path of a request: discovery, health checks, ejection. One control thread makes all changes; health
 * checks have an event loop of their own. Thread-safe.
 */
final class ControlPlane {
    private final ScheduledExecutorService executor =
            Executors.newSingleThreadScheduledExecutor(new DefaultThreadFactory("weir-control"));
    private final MultiThreadIoEventLoopGroup healthLoops =
            new MultiThreadIoEventLoopGroup(1, new DefaultThreadFactory("weir-health"), NioIoHandler.newFactory());
    private final Services services;

    ControlPlane(Metrics metrics) {
        Ejector ejector = new Ejector(executor, System::nanoTime, InstantSource.system(), new SplittableRandom());
        services = new Services(executor, InstantSource.system(), Policies::of, ejector, metrics);
        services.listen(new weir.service.ServiceListener() {
            @Override
            public void changed(weir.service.Service service) {
                if (!service.backends().isEmpty()) return;
                var list = new java.util.ArrayList<weir.service.Endpoint>();
                for (var b : service.config().backends()) {
                    list.add(new weir.service.Endpoint(
                            b.address().toString(),
                            new java.net.InetSocketAddress(
                                    b.address().host(), b.address().port()),
                            b.address().toString(),
                            b.weight(),
                            b.zone(),
                            java.util.List.of(),
                            java.util.Map.of()));
                }
                if (!list.isEmpty()) service.endpoints(list);
            }

            @Override
            public void removed(weir.service.Service service) {}
        });
        services.listen(ejector);
        services.start();
    }

    Services services() {
        return services;
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
        executor.shutdown();
        healthLoops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(2, TimeUnit.SECONDS);
    }
}
