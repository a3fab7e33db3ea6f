package weir.tcp;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.ChannelOption;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import weir.config.Address;
import weir.config.ListenerConfig;
import weir.connection.PoolCounters;
import weir.http.ConnectionFacts;
import weir.metrics.MetricFamily;
import weir.metrics.Metrics;
import weir.proxy.Loop;
import weir.service.Service;
import weir.tls.BackendContexts;

/** The entrance of TCP sessions: makes a client's connection one. Thread-safe. */
public final class TcpProxy {
    private final Function<String, @Nullable Service> services;
    private final Metrics metrics;
    private final BackendDialer[] dialers;
    private final ConcurrentHashMap<Address, ServerNames> names = new ConcurrentHashMap<>();

    /**
     * A proxy for the connections of those loops.
     *
     * @param services finds a service by its name
     * @param sockets makes the channels of connections to backends
     * @param tls what those of some services speak
     */
    public TcpProxy(
            Function<String, @Nullable Service> services,
            ChannelFactory<? extends Channel> sockets,
            BackendContexts tls,
            List<Loop> loops,
            Metrics metrics) {
        this.services = services;
        this.metrics = metrics;
        PoolCounters counters = PoolCounters.of(metrics);
        this.dialers = loops.stream()
                .map(loop -> new BackendDialer(loop, sockets, tls, counters))
                .toArray(BackendDialer[]::new);
    }

    /**
     * Begins a session on a client's connection, for the listener's settings of this moment. Called on the loop.
     *
     * @param namingNanos how long the client may take to say which server it wants, where that decides; 0 for ever
     */
    public void begin(Channel client, ConnectionFacts facts, ListenerConfig listener, Loop loop, long namingNanos) {
        client.config().setOption(ChannelOption.AUTO_CLOSE, false);
        Session session = new Session(this, loop, client, facts, names(listener));
        session.begin(namingNanos);
    }

    private ServerNames names(ListenerConfig listener) {
        ServerNames known = names.get(listener.address());
        if (known == null || known.listener() != listener) {
            known = new ServerNames(listener);
            names.put(listener.address(), known);
        }
        return known;
    }

    @Nullable
    Service service(@Nullable String name) {
        return name == null ? null : services.apply(name);
    }

    BackendDialer dialer(Loop loop) {
        return dialers[loop.index()];
    }

    /** Counts a session that ended. */
    void completed(Loop loop, SessionRecord record) {
        loop.metrics().completed(loop.index(), record.bytesIn(), record.bytesOut());
        String service = record.service() == null ? "" : record.service();
        metrics.counter(
                        MetricFamily.TCP_SESSIONS,
                        "listener",
                        record.listener(),
                        "service",
                        service,
                        "why",
                        record.why())
                .increment(loop.index());
        metrics.histogram(MetricFamily.TCP_SESSION_DURATION, "listener", record.listener(), "service", service)
                .record(loop.index(), record.totalNanos());
    }
}
