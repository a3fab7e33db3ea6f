package weir.discovery;

import com.google.gson.Gson;
import com.google.gson.JsonParseException;
import com.google.gson.reflect.TypeToken;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import weir.config.ConsulConfig;
import weir.config.RouteTag;

/**
 * Watches the catalogue for tags that ask for routes. What is known stays when Consul says nothing; a service that
 * vanishes keeps its routes for {@code shrink-hold}, one whose tag was taken away loses them at once. Confined to the
 * control thread, but for {@link #answered}; asks on a thread of its own.
 */
public final class ConsulRoutes implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ConsulRoutes.class);
    private static final Gson GSON = new Gson();
    private static final TypeToken<Map<String, List<String>>> CATALOGUE = new TypeToken<>() {};
    private static final Duration INTERVAL = Duration.ofSeconds(1);

    private final ScheduledExecutorService executor;
    private final Runnable changed;
    private final Map<String, Long> vanishedNanos = new HashMap<>();
    private Map<String, List<String>> services = Map.of();
    private Duration hold = Duration.ZERO;
    private @Nullable StateFile cache;
    private @Nullable ConsulAgents agents;
    private @Nullable ConsulLoop loop;
    private volatile boolean answered = true;

    /**
     * What the catalogue says.
     *
     * @param services those with tags that ask for routes, and only these tags
     * @param whole whether a service that is not among them may be taken for gone
     */
    private record Answer(Map<String, List<String>> services, boolean whole, boolean empty) {}

    /** Calls {@code changed} on the control thread when there are other tags; watches nothing until it is configured. */
    public ConsulRoutes(ScheduledExecutorService executor, Runnable changed) {
        this.executor = executor;
        this.changed = changed;
    }

    /** Takes new settings over, and begins or ends the watch. Does not call {@code changed}. */
    public void configure(@Nullable ConsulConfig config, @Nullable ConsulAgents way) {
        boolean wanted = config != null && config.routesFromTags() && way != null;
        if (wanted && loop != null && way == agents) {
            return;
        }
        close();
        if (!wanted || config == null || way == null) {
            services = Map.of();
            vanishedNanos.clear();
            answered = true;
            agents = null;
            return;
        }
        hold = config.shrinkHold();
        cache = config.cacheFile() == null ? null : new StateFile(Path.of(config.cacheFile() + ".routes"));
        if (agents == null) {
            answered = restore();
        }
        agents = way;
        loop = new ConsulLoop("routes", INTERVAL, new Watch(way, config.waitTime()));
        loop.start();
    }

    /** Services with their tags that ask for routes. */
    public Map<String, List<String>> catalogue() {
        return services;
    }

    /** Whether the catalogue, or what was kept of it, is known; true also when nobody asks for it. Any thread. */
    public boolean answered() {
        return answered;
    }

    private boolean restore() {
        String text = cache == null ? null : cache.read();
        if (text == null) {
            return false;
        }
        try {
            services = routed(parsed(text));
            return true;
        } catch (ConsulFailure e) {
            LOG.warn("consul: {} cannot be used: {}", cache, e.getMessage());
            return false;
        }
    }

    private static Map<String, List<String>> parsed(@Nullable String json) throws ConsulFailure {
        try {
            Map<String, List<String>> all = GSON.fromJson(json, CATALOGUE);
            if (all != null && all.values().stream().noneMatch(tags -> tags == null || tags.contains(null))) {
                return all;
            }
        } catch (JsonParseException e) {
            // Told below.
        }
        throw new ConsulFailure(ConsulFailure.Kind.MALFORMED, "malformed catalogue");
    }

    private static Map<String, List<String>> routed(Map<String, List<String>> all) {
        Map<String, List<String>> routed = new TreeMap<>();
        all.forEach((service, tags) -> {
            List<String> asking =
                    tags.stream().filter(RouteTag::is).distinct().sorted().toList();
            if (!asking.isEmpty()) {
                routed.put(service, asking);
            }
        });
        return routed;
    }

    /** One question after the other, on the loop's thread. */
    private final class Watch implements ConsulLoop.Turn {
        private final ConsulAgents way;
        private final Duration wait;
        private boolean failing;

        Watch(ConsulAgents way, Duration wait) {
            this.way = way;
            this.wait = wait;
        }

        @Override
        public long run(ConsulLoop own) throws ConsulFailure {
            ConsulRequest request = ConsulRequest.get("/v1/catalog/services").with("stale");
            ConsulReply reply = way.send(own.blocking(request, wait));
            Map<String, List<String>> all = parsed(reply.found() ? reply.body() : null);
            // Consul itself is a service: an empty catalogue is what a token sees that may not look.
            Answer answer = new Answer(routed(all), reply.knownLeader() && !all.isEmpty(), all.isEmpty());
            failing = false;
            try {
                executor.execute(() -> {
                    if (own == loop) {
                        take(answer, all.keySet()::contains);
                    }
                });
            } catch (RejectedExecutionException e) {
                LOG.debug("consul: an answer after the end", e);
            }
            return reply.index();
        }

        @Override
        public void failed(ConsulFailure failure) {
            if (!failing) {
                failing = true;
                LOG.warn("consul: {}; routes from tags stay as they are", failure.getMessage());
            }
        }
    }

    private void take(Answer answer, java.util.function.Predicate<String> exists) {
        if (answer.empty && !services.isEmpty()) {
            LOG.warn(
                    "consul: an empty catalogue is not believed (may the token read services?); routes from tags stay");
        }
        Map<String, List<String>> next = new TreeMap<>(answer.services);
        long now = System.nanoTime();
        services.forEach((service, tags) -> {
            if (!next.containsKey(service) && !exists.test(service) && isHeld(service, answer.whole, now)) {
                next.put(service, tags);
            }
        });
        vanishedNanos.keySet().removeIf(service -> !next.containsKey(service) || answer.services.containsKey(service));
        replace(next);
    }

    /** Whether a service that is not in the catalogue keeps its routes for now. */
    private boolean isHeld(String service, boolean whole, long now) {
        if (!whole) {
            return true;
        }
        if (hold.isZero()) {
            return false;
        }
        if (vanishedNanos.putIfAbsent(service, now) == null) {
            executor.schedule(this::expire, hold.toNanos() + 1, TimeUnit.NANOSECONDS);
        }
        return now - vanishedNanos.get(service) < hold.toNanos();
    }

    private void expire() {
        long now = System.nanoTime();
        Map<String, List<String>> next = new TreeMap<>(services);
        vanishedNanos.entrySet().removeIf(entry -> {
            boolean over = now - entry.getValue() >= hold.toNanos();
            if (over) {
                next.remove(entry.getKey());
            }
            return over;
        });
        replace(next);
    }

    private void replace(Map<String, List<String>> next) {
        boolean other = !Objects.equals(next, services);
        boolean first = !answered;
        services = Map.copyOf(next);
        answered = true;
        if (cache != null && (other || first)) {
            cache.write(GSON.toJson(next));
        }
        if (other) {
            changed.run();
        }
    }

    /** Ends the watch. */
    @Override
    public void close() {
        if (loop != null) {
            loop.stop();
            loop = null;
        }
    }
}
