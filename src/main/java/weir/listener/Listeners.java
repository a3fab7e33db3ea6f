package weir.listener;

import io.netty.channel.EventLoop;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import weir.config.Address;
import weir.config.Configuration;
import weir.config.LimitsConfig;
import weir.config.ListenerConfig;
import weir.http1.Http1Limits;
import weir.metrics.LoopCounter;
import weir.metrics.Metrics;
import weir.proxy.Loop;
import weir.proxy.Proxy;

/**
 * All listeners of the process. A reload keeps the sockets of every address that stays; connections already open keep
 * the settings they were accepted with. {@link #apply}, {@link #drain} and {@link #close} belong to the control thread,
 * the rest is thread-safe.
 */
public final class Listeners {
    private static final Logger LOG = LoggerFactory.getLogger(Listeners.class);

    private final Transport transport;
    private final EventLoops eventLoops;
    private final Proxy proxy;
    private final Map<EventLoop, Loop> loops = new HashMap<>();
    private final ConnectionLimits connections = new ConnectionLimits();
    private final LoopCounter refused;
    private final Map<Address, Listener> open = new LinkedHashMap<>();
    private volatile Settings settings = Settings.NONE;
    private volatile boolean draining;

    /** What a new connection needs of the configuration, published whole. Immutable. */
    record Settings(Map<Address, String> names, LimitsConfig limits, Http1Limits http1) {
        static final Settings NONE =
                new Settings(Map.of(), LimitsConfig.DEFAULT, ClientInitializer.http1(LimitsConfig.DEFAULT));

        String name(Address address) {
            return names.getOrDefault(address, "");
        }
    }

    /** Listeners whose connections live on the given loops and go to the proxy. */
    public Listeners(Transport transport, EventLoops eventLoops, List<Loop> loops, Proxy proxy, Metrics metrics) {
        this.transport = transport;
        this.eventLoops = eventLoops;
        this.proxy = proxy;
        for (Loop loop : loops) {
            this.loops.put(loop.eventLoop(), loop);
        }
        this.refused = metrics.counter("weir_connections_refused_total");
        metrics.gauge("weir_connections_open", connections::open);
    }

    /**
     * Opens what is new, closes what is gone, keeps the rest. Nothing changes when an address cannot be had.
     *
     * @throws IOException with one line for people
     */
    public void apply(Configuration configuration) throws IOException {
        Map<Address, String> names = new LinkedHashMap<>();
        List<Listener> added = new ArrayList<>();
        Settings before = settings;
        for (ListenerConfig config : configuration.listeners().values()) {
            names.put(config.address(), config.name());
        }
        settings = new Settings(
                Map.copyOf(names), configuration.limits(), ClientInitializer.http1(configuration.limits()));
        try {
            for (ListenerConfig config : configuration.listeners().values()) {
                if (!open.containsKey(config.address())) {
                    added.add(Listener.bind(
                            config, transport, eventLoops, address -> new ClientInitializer(this, address)));
                }
            }
        } catch (IOException e) {
            settings = before;
            added.forEach(Listener::close);
            throw e;
        }
        for (Listener listener : added) {
            open.put(listener.address(), listener);
            LOG.info("listener {} listens on port {}", names.get(listener.address()), listener.port());
        }
        for (Address address : List.copyOf(open.keySet())) {
            if (!names.containsKey(address)) {
                open.remove(address).close();
                LOG.info("listener {} is closed", before.name(address));
            }
        }
    }

    /** The port each listener has, by name; useful where the configuration says 0. */
    public Map<String, Integer> ports() {
        Map<String, Integer> ports = new LinkedHashMap<>();
        open.forEach((address, listener) -> ports.put(settings.name(address), listener.port()));
        return ports;
    }

    /** Stops accepting; connections say {@code Connection: close} with their next response. */
    public void drain() {
        draining = true;
        open.values().forEach(Listener::close);
        open.clear();
    }

    /** Client connections still open. */
    public int connectionsOpen() {
        return connections.open();
    }

    boolean draining() {
        return draining;
    }

    Settings settings() {
        return settings;
    }

    ConnectionLimits connections() {
        return connections;
    }

    Proxy proxy() {
        return proxy;
    }

    void refused() {
        refused.inc();
    }

    Loop loopOf(EventLoop eventLoop) {
        Loop loop = loops.get(eventLoop);
        if (loop == null) {
            throw new IllegalStateException("a connection on a foreign event loop");
        }
        return loop;
    }
}
