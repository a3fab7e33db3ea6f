package weir.listener;

import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import weir.config.ListenerConfig;
import weir.metrics.MetricFamily;
import weir.metrics.Metrics;
import weir.tcp.SessionRecord;

/**
 * Connections closed because of the PROXY header they began with, or did not: each is counted and has its line in the
 * access log; Weir's own log has one line for all of ten seconds. Thread-safe.
 */
final class ProxyHeaderRefusals {
    private static final Logger LOG = LoggerFactory.getLogger(ProxyHeaderRefusals.class);
    private static final long INTERVAL_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final Metrics metrics;
    private final AtomicLong saidAt = new AtomicLong(System.nanoTime() - INTERVAL_NANOS);

    ProxyHeaderRefusals(Metrics metrics) {
        this.metrics = metrics;
    }

    void refused(ClientConnection connection, InetSocketAddress peer, String why) {
        ListenerConfig listener = connection.listener().config();
        int loop = connection.loop().index();
        metrics.counter(MetricFamily.PROXY_HEADERS_REFUSED, "listener", listener.name(), "why", why)
                .increment(loop);
        boolean tcp = listener.protocol() == ListenerConfig.Protocol.TCP;
        connection.loop().log().log(SessionRecord.refused(listener.name(), peer, tcp ? "TCP" : null, why));
        long now = System.nanoTime();
        long last = saidAt.get();
        if (now - last >= INTERVAL_NANOS && saidAt.compareAndSet(last, now)) {
            LOG.warn(
                    "listener {}: a connection of {} was closed for want of a PROXY header: {}; more of these are only"
                            + " counted for ten seconds",
                    listener.name(),
                    peer,
                    why);
        }
    }
}
