package weir.discovery;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import weir.config.ConsulConfig;
import weir.config.ServiceConfig;
import weir.metrics.MetricFamily;
import weir.metrics.Metrics;
import weir.service.DiscoveryStatus;
import weir.service.Service;
import weir.service.ServiceListener;

/**
 * Gives services the instances that Consul knows, and keeps what is known when Consul says nothing. Told of services and
 * settings on the control thread; asks on threads of its own. Outlives reloads, as the services do.
 */
public final class ConsulDiscovery implements ServiceListener, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ConsulDiscovery.class);

    private final ScheduledExecutorService executor;
    private final InstantSource clock;
    private final Map<String, String> environment;
    private final ConsulCounters counters;
    private final Map<String, ConsulFollower> followers = new ConcurrentHashMap<>();
    private final Map<String, Service> services = new LinkedHashMap<>();
    private final AtomicBoolean arranging = new AtomicBoolean();
    private @Nullable ConsulConfig config;
    private volatile @Nullable ConsulAgents agents;
    private volatile @Nullable ConsulWatches watches;
    private @Nullable ConsulCache cache;
    private boolean outage;

    /**
     * A discovery that asks nobody until it is configured.
     *
     * @param executor the control thread
     * @param environment where the token may stand
     */
    public ConsulDiscovery(
            ScheduledExecutorService executor, InstantSource clock, Map<String, String> environment, Metrics metrics) {
        this.executor = executor;
        this.clock = clock;
        this.environment = environment;
        this.counters = new ConsulCounters(metrics);
        metrics.collect(sink -> {
            ConsulWatches now = watches;
            if (now != null) {
                sink.sample(MetricFamily.CONSUL_WATCHES, now.ownCount(), "kind", "own");
                sink.sample(MetricFamily.CONSUL_WATCHES, now.sharedCount(), "kind", "shared");
            }
            followers.values().forEach(follower -> sample(sink, follower.service()));
        });
        executor.scheduleAtFixedRate(this::tick, 1, 1, TimeUnit.SECONDS);
    }

    private void sample(weir.metrics.Collector.Sink sink, Service service) {
        DiscoveryStatus status = service.discovery();
        if (status == null) {
            return;
        }
        Duration age = status.age(clock.instant());
        String name = service.name();
        if (age != null) {
            sink.sample(MetricFamily.DISCOVERY_AGE, age.toMillis() / 1e3, "service", name);
        }
        sink.sample(MetricFamily.DISCOVERY_STALE, status.stale() ? 1 : 0, "service", name);
        sink.sample(MetricFamily.DISCOVERY_HELD, status.held(), "service", name);
    }

    // Settings and services; control thread

    /**
     * Takes new settings over; what is known of the services stays. Nothing when they are the same.
     *
     * @throws IOException when files they name cannot be used; the old settings then stay in force
     */
    public void configure(@Nullable ConsulConfig next) throws IOException {
        if (Objects.equals(next, config)) {
            return;
        }
        ConsulAgents opened = next == null ? null : new ConsulAgents(next, environment, counters);
        shut();
        config = next;
        agents = opened;
        if (next != null && opened != null) {
            cache = next.cacheFile() == null ? null : new ConsulCache(Path.of(next.cacheFile()));
            watches = new ConsulWatches(opened, next, new Reports());
        }
        List.copyOf(services.values()).forEach(this::changed);
        arrange();
    }

    /** The way to the agents now in force, for others who ask Consul; null without settings. Any thread. */
    public @Nullable ConsulAgents agents() {
        return agents;
    }

    @Override
    public void changed(Service service) {
        services.put(service.name(), service);
        ServiceConfig.Consul wanted = service.config().consul();
        ConsulConfig settings = config;
        ConsulFollower known = followers.get(service.name());
        if (wanted == null || settings == null) {
            if (known != null) {
                followers.remove(service.name());
                service.discovery(null);
                arrangeSoon();
            }
            return;
        }
        if (known == null || !known.query().consul().equals(wanted)) {
            follow(service, wanted, settings);
        } else {
            known.settings(settings.shrinkHold(), settings.staleAfter());
        }
    }

    private void follow(Service service, ServiceConfig.Consul wanted, ConsulConfig settings) {
        ConsulFollower follower =
                new ConsulFollower(service, new ConsulQuery(wanted), settings.shrinkHold(), settings.staleAfter());
        followers.put(service.name(), follower);
        ConsulCache.Entry entry = cache == null ? null : cache.find(service.name(), wanted);
        if (entry != null) {
            follower.restore(entry, System.nanoTime());
        }
        arrangeSoon();
    }

    @Override
    public void removed(Service service) {
        services.remove(service.name());
        if (followers.remove(service.name()) != null) {
            arrangeSoon();
        }
        if (cache != null) {
            cache.remove(service.name());
        }
    }

    /** A reload tells of many services, one after the other. */
    private void arrangeSoon() {
        if (arranging.compareAndSet(false, true)) {
            executor.execute(() -> {
                arranging.set(false);
                arrange();
            });
        }
    }

    private void arrange() {
        ConsulWatches now = watches;
        if (now != null) {
            List<ConsulFollower> ordered = new ArrayList<>();
            for (String name : services.keySet()) {
                ConsulFollower follower = followers.get(name);
                if (follower != null) {
                    ordered.add(follower);
                }
            }
            now.follow(ordered);
        }
    }

    /** Names of the services that neither Consul nor the cache has said anything of. Any thread. */
    public List<String> unanswered() {
        return followers.values().stream()
                .filter(follower -> !follower.answered())
                .map(follower -> follower.service().name())
                .sorted()
                .toList();
    }

    // What watches find out

    private final class Reports implements ConsulReports {
        @Override
        public void answered(ConsulFollower follower, ConsulReader.Answer answer) {
            onControlThread(() -> take(follower, answer));
        }

        @Override
        public void failed(ConsulFollower follower, ConsulFailure failure) {
            onControlThread(() -> fail(follower, failure));
        }

        private void onControlThread(Runnable task) {
            try {
                executor.execute(task);
            } catch (RejectedExecutionException e) {
                LOG.debug("consul: an answer after the end", e);
            }
        }
    }

    private boolean follows(ConsulFollower follower) {
        return followers.get(follower.service().name()) == follower;
    }

    private void take(ConsulFollower follower, ConsulReader.Answer answer) {
        if (!follows(follower)) {
            return;
        }
        if (outage) {
            outage = false;
            LOG.info("consul: answers again");
        }
        Instant now = clock.instant();
        List<ConsulInstance> inForce = follower.answered(answer.instances(), System.nanoTime(), now);
        if (cache != null) {
            cache.put(
                    follower.service().name(),
                    new ConsulCache.Entry(follower.query().consul(), now.toEpochMilli(), inForce));
        }
    }

    private void fail(ConsulFollower follower, ConsulFailure failure) {
        if (!follows(follower)) {
            return;
        }
        boolean isNew = follower.failed(failure);
        switch (failure.kind()) {
            case UNREACHABLE, TIMEOUT, UNAVAILABLE, ABORTED -> {
                if (!outage) {
                    outage = true;
                    LOG.warn("consul: {}; all endpoints stay as they are", failure.getMessage());
                }
            }
            default -> {
                if (isNew) {
                    String name = follower.service().name();
                    LOG.warn("service {}: consul: {}; its endpoints stay", name, failure.getMessage());
                }
            }
        }
    }

    private void tick() {
        long now = System.nanoTime();
        Instant instant = clock.instant();
        followers.values().forEach(follower -> follower.tick(now, instant));
    }

    private void shut() {
        ConsulWatches oldWatches = watches;
        ConsulAgents oldAgents = agents;
        watches = null;
        agents = null;
        if (oldWatches != null) {
            oldWatches.close();
        }
        if (oldAgents != null) {
            oldAgents.close();
        }
        if (cache != null) {
            cache.close();
            cache = null;
        }
    }

    /** Ends all requests and writes the cache. Control thread, or after it has ended. */
    @Override
    public void close() {
        shut();
    }
}
