package weir.config;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import weir.config.ListenerConfig.Http2;
import weir.config.ListenerConfig.Protocol;
import weir.config.ListenerConfig.ServerName;
import weir.config.ListenerConfig.Tls;

/** The keys of a listener. */
final class ListenerShape {
    /** A listener with the places that later checks point at, and each service it names. */
    record ReadListener(
            ListenerConfig listener, Location addressAt, Location proxyProtocolAt, List<NamedService> services) {}

    /** A service as a TCP listener names it. */
    record NamedService(String name, Location at) {}

    private record ReadServerName(ServerName name, Location hostAt, NamedService service) {}

    private static final Key<Address> ADDRESS =
            Key.required("address", Addresses.LISTENING, "Where the listener accepts connections.");
    private static final Key<Protocol> PROTOCOL = Key.of(
            "protocol",
            Choices.of("listener-protocol", Protocol.class, "https", "h2", "h2c", "http2", "http3"),
            Protocol.HTTP,
            "What clients speak: http, or tcp for connections whose bytes are passed on as they are.");
    private static final Key<ProxyProtocol> PROXY_PROTOCOL = Key.of(
            "proxy-protocol",
            Choices.of("proxy-protocol", ProxyProtocol.class),
            ProxyProtocol.OFF,
            "The PROXY header that every connection must begin with; senders must be in trusted-proxies.");
    private static final Key<String> SERVICE = Key.optional(
            "service", Names.NAME_TYPE, "For protocol: tcp: the service of connections that no entry of sni takes.");

    private static final Key<String> SNI_HOST =
            Key.required("host", Addresses.MATCHED_HOST, "The server name, or with a leading *. every name below it.");
    private static final Key<String> SNI_SERVICE =
            Key.required("service", Names.NAME_TYPE, "The service of connections that ask for this name.");
    private static final ObjectType<ReadServerName> SERVER_NAME = ObjectType.of(
            "a mapping such as {host: db.example.com, service: db}",
            List.of(SNI_HOST, SNI_SERVICE),
            section -> new ReadServerName(
                    new ServerName(section.get(SNI_HOST), section.get(SNI_SERVICE)),
                    section.at(SNI_HOST),
                    new NamedService(section.get(SNI_SERVICE), section.at(SNI_SERVICE))));
    private static final Key<List<ReadServerName>> SNI = Key.of(
            "sni",
            new ListType<>(SERVER_NAME, "a list of mappings such as [{host: db.example.com, service: db}]"),
            List.of(),
            "For protocol: tcp: the service of TLS connections by the server name they ask for.");

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
                    List.of(ADDRESS, PROTOCOL, PROXY_PROTOCOL, TLS, HTTP2, HTTP3, SERVICE, SNI),
                    ListenerShape::listener)
            .withShortForm(ADDRESS);

    private ListenerShape() {}

    private static ReadListener listener(Section section) {
        checkProtocol(section);
        if (section.get(HTTP3) && section.find(TLS) == null && !section.failed(TLS)) {
            section.problem(section.at(HTTP3), "http3: true: the listener has no TLS", "tls beside it");
        }
        List<ReadServerName> sni = section.get(SNI);
        checkDistinct(sni, section.source());
        List<NamedService> services = new ArrayList<>();
        String service = section.find(SERVICE);
        if (service != null) {
            services.add(new NamedService(service, section.at(SERVICE)));
        }
        sni.forEach(read -> services.add(read.service()));
        ListenerConfig listener = new ListenerConfig(
                section.name(),
                section.get(ADDRESS),
                section.get(PROTOCOL),
                section.get(PROXY_PROTOCOL),
                section.find(TLS),
                section.get(HTTP2),
                section.get(HTTP3),
                service,
                sni.stream().map(ReadServerName::name).toList());
        boolean tcp = section.failed(PROTOCOL) || listener.protocol() == Protocol.TCP; // else the keys are the problem
        return new ReadListener(listener, section.at(ADDRESS), section.at(PROXY_PROTOCOL), tcp ? services : List.of());
    }

    private static void checkProtocol(Section section) {
        if (section.failed(PROTOCOL)) {
            return;
        }
        if (section.get(PROTOCOL) == Protocol.HTTP) {
            refuse(section, "is for protocol: tcp", "a route under routes that leads to the service", SERVICE, SNI);
            return;
        }
        refuse(section, "is for protocol: http", "another listener for it", HTTP2, HTTP3);
        if (!section.has(SERVICE) && (!section.has(SNI) || section.isEmpty(SNI))) {
            section.problem(
                    section.location(),
                    "service: missing",
                    "the service of the connections, or services by server name under sni");
        }
    }

    private static void refuse(Section section, String why, String expected, Key<?>... keys) {
        for (Key<?> key : keys) {
            if (section.has(key)) {
                section.problem(section.keyAt(key), key.name() + ": " + why, expected);
            }
        }
    }

    private static void checkDistinct(List<ReadServerName> sni, Source source) {
        Map<String, Location> first = new HashMap<>();
        for (ReadServerName read : sni) {
            Location earlier = first.putIfAbsent(read.name().host(), read.hostAt());
            if (earlier != null) {
                source.problem(
                        read.hostAt(),
                        "host: " + Problem.shown(read.name().host()) + ": twice in this listener",
                        "each name once; the first is at line " + earlier.line() + ", column " + earlier.column(),
                        null);
            }
        }
    }
}
