package weir.listener;

import io.netty.handler.ssl.ApplicationProtocolNames;
import java.util.List;
import org.jspecify.annotations.Nullable;
import weir.config.ListenerConfig;
import weir.metrics.LoopCounter;
import weir.metrics.MetricFamily;
import weir.metrics.Metrics;
import weir.tls.QuicTls;
import weir.tls.ServerTls;

/**
 * What connections of one listener need of its configuration, and where they are counted. Immutable; the counters
 * outlive it.
 *
 * @param tls null in the clear
 * @param quic null without HTTP/3
 */
record ListenerSettings(
        ListenerConfig config,
        @Nullable ServerTls tls,
        @Nullable QuicTls quic,
        LoopCounter accepted,
        LoopCounter handshakes,
        LoopCounter failedHandshakes) {
    static ListenerSettings of(
            ListenerConfig config, @Nullable ServerTls tls, @Nullable QuicTls quic, Metrics metrics) {
        String name = config.name();
        return new ListenerSettings(
                config,
                tls,
                quic,
                metrics.counter(MetricFamily.CONNECTIONS_ACCEPTED, "listener", name),
                handshakes(metrics, name, "ok"),
                handshakes(metrics, name, "failed"));
    }

    /** The same with other TLS. */
    ListenerSettings with(ServerTls fresh, @Nullable QuicTls freshQuic) {
        return new ListenerSettings(config, fresh, freshQuic, accepted, handshakes, failedHandshakes);
    }

    private static LoopCounter handshakes(Metrics metrics, String listener, String result) {
        return metrics.counter(MetricFamily.TLS_HANDSHAKES, "listener", listener, "result", result);
    }

    /** What is offered by ALPN, the best first: what {@link ClientConnection#speak} can install. */
    static List<String> protocols(ListenerConfig config) {
        return switch (config.protocol()) {
            case HTTP -> List.of(ApplicationProtocolNames.HTTP_2, ApplicationProtocolNames.HTTP_1_1);
            case TCP -> List.of();
        };
    }

    String name() {
        return config.name();
    }
}
