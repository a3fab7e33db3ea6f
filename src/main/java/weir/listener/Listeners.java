package weir.listener;

import io.netty.channel.EventLoop;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ScheduledExecutorService;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import weir.config.Address;
import weir.config.Configuration;
import weir.config.LimitsConfig;
import weir.config.ListenerConfig;
import weir.http1.Http1Limits;
import weir.loop.ConnectionGuard;
import weir.loop.Relief;
import weir.metrics.LoopCounter;
import weir.metrics.MetricFamily;
import weir.metrics.Metrics;
import weir.proxy.Loop;
import weir.tls.ServerContexts;
import weir.tls.ServerTls;

/**
 * All listeners of the process. A reload keeps the sockets of every address that stays; connections already open keep
 * the settings they were accepted with. {@link #apply}, {@link #drain} and {@link #close} belong to the control thread,
 * the rest is thread-safe.
 */
public final class Listeners {
    private static final Logger LOG = LoggerFactory.getLogger(Listeners.class);

    private final Transport transport;
    private final EventLoops eventLoops;
    private final Destinations destinations;
    private final ServerContexts contexts;
    private final Map<EventLoop, Loop> loops = new HashMap<>();
    private final ConnectionLimits connections = new ConnectionLimits();
    private final Admission admission;
    private final Metrics metrics;
    private final ProxyHeaderRefusals refusals;
    private final LoopCounter refused;
    private final ConnectionGuard guard;
    private final ClientCloses closes;
    private final QuicListeners quic;
    private final Map<Address, Listener> open = new LinkedHashMap<>();
    private volatile Settings settings = Settings.NONE;
    private volatile boolean draining;

    /** What a new connection needs of the configuration, published whole. Immutable. */
    record Settings(Map<Address, ListenerSettings> listeners, LimitsConfig limits, Http1Limits http1) {
        static final Settings NONE = of(Map.of(), LimitsConfig.DEFAULT);

        static Settings of(Map<Address, ListenerSettings> listeners, LimitsConfig limits) {
            return new Settings(Map.copyOf(listeners), limits, Http1Limits.of(limits));
        }

        Settings with(Map<Address, ListenerSettings> others) {
            return new Settings(Map.copyOf(others), limits, http1);
        }

        /** The listener at an address; null when it is gone. */
        @Nullable
        ListenerSettings listener(Address address) {
            return listeners.get(address);
        }

        /** The limits of multiplexing at an address. */
        ListenerConfig.Http2 multiplexing(Address address) {
            ListenerSettings listener = listener(address);
            return listener == null
                    ? ListenerConfig.Http2.DEFAULT
                    : listener.config().http2();
        }

        String name(Address address) {
            ListenerSettings listener = listener(address);
            return listener == null ? "" : listener.name();
        }
    }

    /** Listeners whose connections live on the given loops and go to the proxy. */
    public Listeners(
            Transport transport,
            EventLoops eventLoops,
            List<Loop> loops,
            Destinations destinations,
            ServerContexts contexts,
            Relief relief,
            Metrics metrics) {
        this.admission = new Admission(connections, relief);
        this.transport = transport;
        this.eventLoops = eventLoops;
        this.destinations = destinations;
        this.contexts = contexts;
        this.metrics = metrics;
        this.refusals = new ProxyHeaderRefusals(metrics);
        for (Loop loop : loops) {
            this.loops.put(loop.eventLoop(), loop);
        }
        this.quic = new QuicListeners(this, eventLoops, transport);
        this.guard = new ConnectionGuard(
                "the connection of",
                metrics.counter(MetricFamily.CONNECTIONS_BROKEN, "side", "client"),
                metrics.counter(MetricFamily.CONNECTIONS_FLOODED, "side", "client"));
        this.closes = new ClientCloses(metrics.counter(MetricFamily.CONNECTIONS_CLOSED_UNREAD));
        this.refused = metrics.counter(MetricFamily.CONNECTIONS_REFUSED);
        metrics.gauge(MetricFamily.CONNECTIONS, connections::open);
        metrics.collect(new CertificateSeries(this));
    }

    /**
     * Opens what is new. Nothing else changes until {@link Change#commit}.
     *
     * @throws IOException with one line for people when an address cannot be had; then nothing has changed
     */
    public Change prepare(Configuration configuration) throws IOException {
        Settings before = settings;
        Map<Address, ListenerSettings> next = new LinkedHashMap<>();
        for (ListenerConfig config : configuration.listeners().values()) {
            ListenerSettings known = before.listener(config.address());
            ServerTls tls = tls(config, known);
            next.put(
                    config.address(), ListenerSettings.of(config, tls, QuicListeners.tls(config, tls, known), metrics));
        }
        // What is new has its settings before its sockets; what stays keeps the old ones until the commit.
        Map<Address, ListenerSettings> both = new LinkedHashMap<>(next);
        both.putAll(before.listeners());
        settings = before.with(both);
        List<Listener> added = new ArrayList<>();
        Map<Address, QuicListener> addedQuic;
        try {
            for (ListenerSettings listener : next.values()) {
                if (!open.containsKey(listener.config().address())) {
                    added.add(Listener.bind(
                            listener.config(), transport, eventLoops, new Acceptor(this, eventLoops.all(), listener)));
                }
            }
            addedQuic = quic.prepare(next.values(), address -> port(address, added));
        } catch (IOException | RuntimeException e) {
            added.forEach(Listener::close);
            settings = before;
            throw e;
        }
        return new Change(this, added, addedQuic, before, Settings.of(next, configuration.limits()));
    }

    private int port(Address address, List<Listener> added) {
        Listener known = open.get(address);
        for (Listener listener : added) {
            known = listener.address().equals(address) ? listener : known;
        }
        return known == null ? address.port() : known.port();
    }

    private @Nullable ServerTls tls(ListenerConfig config, @Nullable ListenerSettings before) throws IOException {
        return config.tls() == null
                ? null
                : contexts.of(config.tls(), ListenerSettings.protocols(config), before == null ? null : before.tls());
    }

    /** What a configuration changes in the listeners: taken over or taken back, once. */
    public record Change(
            Listeners listeners,
            List<Listener> added,
            Map<Address, QuicListener> addedQuic,
            Settings before,
            Settings after) {
        /** Puts the settings in force and closes the listeners that are gone. */
        public void commit() {
            listeners.commit(this);
        }

        /** Closes what was opened. */
        public void rollback() {
            listeners.quic.rollback(addedQuic, before);
            added.forEach(Listener::close);
            listeners.settings = before;
        }
    }

    private void commit(Change change) {
        settings = change.after();
        admission.limitDescriptors(settings.limits().descriptors());
        for (Listener listener : change.added()) {
            open.put(listener.address(), listener);
            LOG.info("listener {} listens on port {}", settings.name(listener.address()), listener.port());
        }
        quic.commit(change.addedQuic(), settings);
        for (Address address : List.copyOf(open.keySet())) {
            if (settings.listener(address) == null) {
                open.remove(address).close();
                LOG.info("listener {} is closed", change.before().name(address));
            }
        }
    }

    /** Looks after the files of TLS on that thread, from now on. */
    public void watch(ScheduledExecutorService control) {
        new TlsRenewal(this, contexts).start(control);
    }

    /** Puts the same listeners with other TLS in force. On the control thread. */
    void renew(Map<Address, ListenerSettings> fresh) {
        settings = settings.with(fresh);
    }

    /** The port each listener has, by name; useful where the configuration says 0. */
    public Map<String, Integer> ports() {
        Map<String, Integer> ports = new LinkedHashMap<>();
        open.forEach((address, listener) -> ports.put(settings.name(address), listener.port()));
        return ports;
    }

    /**
     * Stops accepting; from then on connections say {@code Connection: close} with their next response. In this order:
     * clients told to close connect again, and the kernel resets what waits at a socket that closes.
     */
    public void drain() {
        AcceptGuard guard = Listener.close(open.values());
        open.clear();
        draining = true;
        LOG.info("listeners are closed ({})", guard.says());
        quic.drain();
    }

    /** The UDP sockets. */
    QuicListeners quic() {
        return quic;
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

    /** What looks at connections that are closed. */
    ClientCloses closes() {
        return closes;
    }

    Admission admission() {
        return admission;
    }

    ConnectionLimits connections() {
        return connections;
    }

    Destinations destinations() {
        return destinations;
    }

    ProxyHeaderRefusals refusals() {
        return refusals;
    }

    /** What stands last in the pipeline of every client. */
    ConnectionGuard guard() {
        return guard;
    }

    /** Whether every loop accepts for itself. */
    boolean sharesPorts() {
        return transport.reusePort();
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
