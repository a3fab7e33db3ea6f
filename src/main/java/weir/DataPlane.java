package weir;

import io.netty.util.internal.PlatformDependent;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import weir.accesslog.AccessLog;
import weir.config.Configuration;
import weir.connection.ConnectionPool;
import weir.connection.Connector;
import weir.connection.PoolCounters;
import weir.http.HeadPool;
import weir.http.LoopBuffers;
import weir.http.Tick;
import weir.listener.Destinations;
import weir.listener.EventLoops;
import weir.listener.Listeners;
import weir.listener.Transport;
import weir.loop.ConnectionGuard;
import weir.loop.Heartbeats;
import weir.loop.LoopClock;
import weir.loop.MemoryStages;
import weir.loop.Relief;
import weir.metrics.LoopHistogram;
import weir.metrics.MetricFamily;
import weir.metrics.Metrics;
import weir.proxy.ClientCertificateField;
import weir.proxy.ForwardingHeaders;
import weir.proxy.Loop;
import weir.proxy.Proxy;
import weir.proxy.ProxyMetrics;
import weir.proxy.Routing;
import weir.route.RouteTable;
import weir.service.Services;
import weir.tcp.TcpProxy;
import weir.tls.BackendContexts;
import weir.tls.ServerContexts;

/**
 * Everything on the path of a request, put together: event loops, what each of them owns, the proxy and the listeners.
 * Changed on the control thread.
 */
final class DataPlane {
    private final EventLoops eventLoops;
    private final List<Loop> loops = new ArrayList<>();
    private final ProxyMetrics proxyMetrics;
    private final Proxy proxy;
    private final Listeners listeners;
    private final Metrics metrics;
    private final Services services;
    private final Heartbeats heartbeats;
    private final MemoryStages memory;
    private volatile int responseHeaders;

    DataPlane(
            Configuration configuration,
            Transport transport,
            EventLoops eventLoops,
            Services services,
            BackendContexts backendTls,
            AccessLog log,
            Metrics metrics) {
        this.eventLoops = eventLoops;
        this.metrics = metrics;
        this.services = services;
        this.memory = new MemoryStages(metrics);
        memory.limit(configuration.limits(), PlatformDependent.maxDirectMemory());
        this.heartbeats = new Heartbeats(eventLoops.count(), System.nanoTime());
        this.proxyMetrics = new ProxyMetrics(metrics);
        this.proxy = new Proxy(routing(configuration));
        PoolCounters poolCounters = PoolCounters.of(metrics);
        ConnectionGuard guard = new ConnectionGuard(
                "the connection to",
                metrics.counter(MetricFamily.CONNECTIONS_BROKEN, "side", "backend"),
                metrics.counter(MetricFamily.CONNECTIONS_FLOODED, "side", "backend"));
        Relief relief = new Relief(metrics);
        SecureRandom seeds = new SecureRandom();
        responseHeaders = configuration.limits().responseHeaders();
        for (int i = 0; i < eventLoops.count(); i++) {
            HeadPool heads = new HeadPool(memory.budget(i));
            Tick tick = new Tick();
            Connector connector = new Connector(
                    eventLoops.loop(i),
                    new LoopBuffers(eventLoops.loop(i)),
                    transport.sockets(),
                    new BackendProtocols(heads, tick, backendTls, () -> responseHeaders, guard),
                    relief);
            ConnectionPool pool = new ConnectionPool(connector, i, poolCounters);
            Loop loop = new Loop(
                    i,
                    eventLoops.loop(i),
                    tick,
                    heads,
                    pool,
                    log.loop(i),
                    proxyMetrics,
                    new SplittableRandom(seeds.nextLong()));
            loops.add(loop);
            relief.join(loop.eventLoop(), new IdleOfLoop(loop));
            startTick(loop, log);
        }
        Destinations destinations = new Destinations(
                proxy, new TcpProxy(services::service, transport.sockets(), backendTls, loops, metrics));
        this.listeners =
                new Listeners(transport, eventLoops, loops, destinations, new ServerContexts(), relief, metrics);
    }

    private record IdleOfLoop(Loop loop) implements Relief.Idle {
        @Override
        public boolean evictBackend() {
            return loop.pool().evictIdle();
        }

        @Override
        public int evictClients(boolean withDescriptor) {
            return loop.tick().clients().evictIdle(withDescriptor);
        }
    }

    private void startTick(Loop loop, AccessLog log) {
        Tick tick = loop.tick();
        int index = loop.index();
        LoopHistogram lag = metrics.histogram(MetricFamily.EVENT_LOOP_LAG);
        loop.eventLoop().execute(() -> {
            tick.join(loop.pool());
            tick.join(log.loop(index));
        });
        LoopClock.start(loop.eventLoop(), tick, eventLoops.delivery(index), eventLoops.processorTime(), nanos -> {
            long now = System.nanoTime();
            lag.record(index, nanos);
            heartbeats.beat(index, now);
            loop.heads().budget().tick(now);
        });
    }

    /**
     * Finds out what is wrong with the routes before anything is changed.
     *
     * @throws IllegalArgumentException with file, line and column
     */
    static void check(Configuration configuration) {
        RouteTable.of(configuration.routes(), name -> null);
    }

    /** Puts routes and limits in force, for all requests that begin from now on. */
    void publish(Configuration configuration) {
        responseHeaders = configuration.limits().responseHeaders();
        memory.limit(configuration.limits(), PlatformDependent.maxDirectMemory());
        proxy.publish(routing(configuration));
    }

    private Routing routing(Configuration configuration) {
        return Routing.of(
                RouteTable.of(configuration.routes(), services::service),
                new ForwardingHeaders(configuration.trustedProxies()),
                new ClientCertificateField(configuration.clientCertificateFields()),
                configuration.limits().body(),
                metrics);
    }

    /** Begins to measure the processor time of the loops. */
    void measure() {
        eventLoops.processorTime().measure();
    }

    Heartbeats heartbeats() {
        return heartbeats;
    }

    Proxy proxy() {
        return proxy;
    }

    Listeners listeners() {
        return listeners;
    }

    long exchanges() {
        return proxyMetrics.inFlight();
    }

    long tunnels() {
        return proxyMetrics.tunnels();
    }

    /** Ends every exchange that is still going on. */
    void expire() {
        loops.forEach(Loop::expire);
    }

    /** Closes the pools, then stops the loops. */
    void close() {
        for (Loop loop : loops) {
            loop.eventLoop().execute(loop.pool()::close);
        }
        eventLoops.close();
    }
}
