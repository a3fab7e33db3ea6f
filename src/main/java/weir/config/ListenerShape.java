package weir.config;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import weir.config.ListenerConfig.Http2;
import weir.config.ListenerConfig.Protocol;
import weir.config.ListenerConfig.Tls;

/** The keys of a listener. */
final class ListenerShape {
    /** A listener with the place of its address. */
    record ReadListener(ListenerConfig listener, Location addressAt) {}

    private static final Key<Address> ADDRESS =
            Key.required("address", Addresses.LISTENING, "Where the listener accepts connections.");
    private static final Key<Protocol> PROTOCOL = Key.of(
            "protocol",
            Choices.of(
                    "listener-protocol", Map.of("http", Protocol.HTTP), "tcp", "https", "h2", "h2c", "http2", "http3"),
            Protocol.HTTP,
            "What clients speak.");
    private static final Key<@Nullable Tls> TLS =
            Key.optional("tls", ListenerTlsShape.TLS, "TLS to clients; without it, the listener speaks in the clear.");

    private static final Key<Integer> STREAMS = Key.of(
            "streams",
            Numbers.between(1, 1_000_000),
            Http2.DEFAULT.streams(),
            "Streams that a connection may have open at once.");
    private static final Key<Integer> RESETS = Key.of(
            "resets",
            Numbers.between(0, 1_000_000),
            Http2.DEFAULT.resets(),
            "Streams of a connection that may be reset in 30 s before it is closed; 0: no limit.");
    private static final ObjectType<Http2> HTTP2_TYPE = ObjectType.of(
            "a mapping with streams and resets",
            List.of(STREAMS, RESETS),
            section -> new Http2(section.get(STREAMS), section.get(RESETS)));
    private static final Key<Http2> HTTP2 = Key.of("http2", HTTP2_TYPE, Http2.DEFAULT, "HTTP/2 on this listener.");

    private static final Key<Boolean> HTTP3 = Key.of(
            "http3",
            Numbers.BOOLEAN,
            false,
            "Whether the port is also served over QUIC, by UDP, and responses over TCP say so; needs tls.");

    static final ObjectType<ReadListener> LISTENER = ObjectType.of(
                    "an address such as :8080, or a mapping with address",
                    List.of(ADDRESS, PROTOCOL, TLS, HTTP2, HTTP3),
                    ListenerShape::listener)
            .withShortForm(ADDRESS)
            .withoutYet("proxy-protocol", "service", "sni");

    private ListenerShape() {}

    private static ReadListener listener(Section section) {
        if (section.get(HTTP3) && section.find(TLS) == null && !section.failed(TLS)) {
            section.problem(section.at(HTTP3), "http3: true: the listener has no TLS", "tls beside it");
        }
        return new ReadListener(
                new ListenerConfig(
                        section.name(),
                        section.get(ADDRESS),
                        section.get(PROTOCOL),
                        ProxyProtocol.OFF,
                        section.find(TLS),
                        section.get(HTTP2),
                        section.get(HTTP3),
                        null,
                        List.of()),
                section.at(ADDRESS));
    }
}
