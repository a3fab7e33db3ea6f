package weir.discovery;

import com.google.gson.Gson;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import weir.config.Address;
import weir.config.ConsulConfig;

/**
 * Keeps this process registered in Consul: tries until an agent takes it, and again when the agent forgot it, as one that
 * was restarted does. Where several agents are configured the first that answers has the registration. Asks on one thread
 * of its own; {@link #close} from any.
 */
public final class ConsulRegistration implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ConsulRegistration.class);
    private static final Gson GSON = new Gson();
    private static final long INTERVAL_MILLIS = 5_000;
    private static final long FAREWELL_MILLIS = 2_000;

    private final Self self;
    private final List<Place> places = new ArrayList<>();
    private final BackOff backOff = new BackOff(new SplittableRandom());
    private final ScheduledThreadPoolExecutor thread =
            new ScheduledThreadPoolExecutor(1, new DefaultThreadFactory("weir-consul-register", true));
    private boolean failing;
    private volatile @Nullable ConsulRequest underWay;
    private volatile boolean closed;

    /**
     * What Consul is told of this process. Immutable.
     *
     * @param id unique at the agent
     * @param address where clients reach it; empty for the address of the agent's node
     * @param check the URL that the agent asks
     */
    public record Self(
            String id, String service, List<String> tags, Map<String, String> meta, Address address, String check) {
        public Self {
            tags = List.copyOf(tags);
            meta = Map.copyOf(meta);
        }

        /** The body of {@code PUT /v1/agent/service/register}; {@code again} after the agent forgot it. */
        String json(boolean again) {
            Map<String, Object> check = new LinkedHashMap<>();
            check.put("Name", "ready");
            check.put("HTTP", this.check);
            check.put("Interval", "2s");
            check.put("Timeout", "1s");
            // An agent that forgot a process that runs need not take it out until its first check.
            check.put("Status", again ? "passing" : "critical");
            // One that was killed cannot say good-bye: the agent forgets it after a while.
            check.put("DeregisterCriticalServiceAfter", "10m");
            Map<String, Object> body = new LinkedHashMap<>();
            body.put("ID", id);
            body.put("Name", service);
            body.put("Tags", tags);
            body.put("Meta", meta);
            body.put("Address", address.host());
            body.put("Port", address.port());
            body.put("Check", check);
            return GSON.toJson(body);
        }
    }

    /** One agent, and whether it has been told. */
    private static final class Place {
        private final Address address;
        private final ConsulAgents agent;
        private boolean registered;

        Place(Address address, ConsulAgents agent) {
            this.address = address;
            this.agent = agent;
        }
    }

    /**
     * A registration that does nothing before {@link #start}.
     *
     * @param environment where the token may stand
     * @throws IOException when TLS files cannot be used, with a message for people
     */
    public ConsulRegistration(Self self, ConsulConfig config, Map<String, String> environment, ConsulCounters counters)
            throws IOException {
        this.self = self;
        for (Address address : config.addresses()) {
            places.add(new Place(address, new ConsulAgents(only(address, config), environment, counters)));
        }
        thread.setRemoveOnCancelPolicy(true);
        thread.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    }

    private static ConsulConfig only(Address address, ConsulConfig config) {
        return new ConsulConfig(
                List.of(address),
                config.tokenFile(),
                config.tls(),
                config.waitTime(),
                config.staleAfter(),
                null,
                config.shrinkHold(),
                1,
                null,
                false);
    }

    /** What is told of this process. */
    public Self self() {
        return self;
    }

    /** Begins to register. */
    public void start() {
        thread.execute(this::turn);
    }

    private void turn() {
        if (closed) {
            return;
        }
        long pause = INTERVAL_MILLIS;
        try {
            ensure();
            failing = false;
            backOff.reset();
        } catch (ConsulFailure e) {
            if (!failing && !closed) {
                LOG.warn("consul: {} is not registered: {}; trying on", self.id(), e.getMessage());
            }
            failing = true;
            pause = Math.min(INTERVAL_MILLIS, TimeUnit.NANOSECONDS.toMillis(backOff.nextNanos()));
        }
        if (!closed) {
            thread.schedule(this::turn, pause, TimeUnit.MILLISECONDS);
        }
    }

    /** Registers with the first agent that answers, and with no later one. */
    private void ensure() throws ConsulFailure {
        for (int i = 0; ; i++) {
            Place place = places.get(i);
            try {
                register(place);
                for (Place later : places.subList(i + 1, places.size())) {
                    deregister(later);
                }
                return;
            } catch (ConsulFailure e) {
                if (i + 1 == places.size() || closed) {
                    throw e;
                }
            }
        }
    }

    private void register(Place place) throws ConsulFailure {
        String path = "/v1/agent/service/" + ConsulRequest.segment(self.id());
        // The first time always: the agent may know an earlier process of this id, with other tags.
        if (!place.registered || !send(place, ConsulRequest.get(path)).found()) {
            send(place, ConsulRequest.put("/v1/agent/service/register", self.json(place.registered)));
            place.registered = true;
            LOG.info("consul: registered as {} ({}) at {}", self.service(), self.id(), place.address);
        }
    }

    private void deregister(Place place) {
        if (!place.registered) {
            return;
        }
        try {
            String path = "/v1/agent/service/deregister/" + ConsulRequest.segment(self.id());
            place.agent.send(ConsulRequest.put(path, ""));
            place.registered = false;
            LOG.info("consul: {} deregistered at {}", self.id(), place.address);
        } catch (ConsulFailure e) {
            LOG.warn("consul: {} is not deregistered: {}", self.id(), e.getMessage());
        }
    }

    private ConsulReply send(Place place, ConsulRequest request) throws ConsulFailure {
        underWay = request;
        if (closed) {
            request.abort();
        }
        return place.agent.send(request);
    }

    /** Deregisters, waiting two seconds at most. */
    @Override
    public void close() {
        closed = true;
        ConsulRequest last = underWay;
        if (last != null) {
            last.abort();
        }
        try {
            thread.submit(() -> places.forEach(this::deregister)).get(FAREWELL_MILLIS, TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            LOG.warn("consul: {} is not deregistered: no answer in time", self.id());
        } catch (ExecutionException e) {
            LOG.error("consul: deregistration failed", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        thread.shutdownNow();
        places.forEach(place -> place.agent.close());
    }
}
