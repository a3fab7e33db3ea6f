package weir.config;

import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import weir.config.ServiceConfig.Balance;
import weir.config.ServiceConfig.Consul;
import weir.config.ServiceConfig.Ejection;
import weir.config.ServiceConfig.HealthCheck;
import weir.config.ServiceConfig.Limits;
import weir.config.ServiceConfig.Pool;
import weir.config.ServiceConfig.Protocol;
import weir.config.ServiceConfig.Retry;
import weir.config.ServiceConfig.StaticBackend;
import weir.config.ServiceConfig.Timeouts;
import weir.config.ServiceConfig.Tls;
import weir.config.ServiceConfig.Wire;

/** The keys of a service. */
final class ServiceShape {
    private static final Key<Address> ADDRESS = Key.required(
            "address", Addresses.BACKEND, "Host and port; every address of a host name becomes a backend.");
    private static final Key<Integer> WEIGHT = Key.of(
            "weight", Numbers.between(0, 65_535), 1, "The share of requests beside the other backends; 0: none.");
    private static final Key<String> ZONE =
            Key.optional("zone", Names.TEXT, "Where the backend stands, for logs and the admin API.");

    private static final ObjectType<StaticBackend> BACKEND = ObjectType.of(
                    "an address such as 127.0.0.1:9001, or a mapping with address and weight",
                    List.of(ADDRESS, WEIGHT, ZONE),
                    section -> new StaticBackend(
                            section.get(ADDRESS), section.get(WEIGHT), section.find(ZONE), section.at(ADDRESS)))
            .withShortForm(ADDRESS);

    private static final Key<Balance> BALANCE = Key.of(
            "balance",
            Choices.of("balance", Balance.class, "power-of-two", "peak-ewma", "hash"),
            Balance.ROUND_ROBIN,
            "How a backend is chosen for each request.");
    private static final Key<Protocol> PROTOCOL = Key.of(
            "protocol",
            Choices.of("service-protocol", Protocol.class),
            Protocol.HTTP,
            "What is spoken to the backends: HTTP/1.1 (http) or HTTP/2 (h2c), over TLS https or h2; tls: TLS for TCP sessions.");
    private static final Key<@Nullable Tls> TLS =
            Key.optional("tls", ServiceTlsShape.TLS, "TLS to backends, where the protocol is https, h2 or tls.");
    private static final Key<ProxyProtocol> SEND_PROXY_PROTOCOL = Key.of(
            "send-proxy-protocol",
            Choices.of("sent-proxy-protocol", headers()),
            ProxyProtocol.OFF,
            "The PROXY header that each connection to a backend begins with: it names the client.");
    private static final Key<List<StaticBackend>> BACKENDS = Key.optional(
            "backends",
            new ListType<>(BACKEND, "a list of addresses such as [127.0.0.1:9001]"),
            "The backends of the service.");
    private static final Key<Consul> CONSUL = Key.optional(
            "consul", ConsulShape.SERVICE_CONSUL, "The service in Consul whose instances are the backends.");
    private static final Key<Duration> DNS_REFRESH = Key.of(
            "dns-refresh",
            Durations.POSITIVE,
            ServiceConfig.DEFAULT_DNS_REFRESH,
            "How long the addresses of a host name are used when the DNS gives no time to live.");
    private static final Key<HealthCheck> HEALTH_CHECK = Key.optional(
            "health-check",
            HealthCheckShape.HEALTH_CHECK,
            "Asks every backend how it is; without it there is no active check.");
    private static final Key<Ejection> EJECTION = Key.of(
            "ejection",
            FailureShape.EJECTION,
            Ejection.DEFAULT,
            "Takes a backend out after failures of real requests.");
    private static final Key<Retry> RETRY =
            Key.of("retry", FailureShape.RETRY, Retry.DEFAULT, "When a request is tried again on another backend.");
    private static final Key<Timeouts> TIMEOUTS =
            Key.of("timeouts", BackendTrafficShape.TIMEOUTS, Timeouts.DEFAULT, "How long a backend may take.");
    private static final Key<Limits> LIMITS =
            Key.of("limits", BackendTrafficShape.LIMITS, Limits.DEFAULT, "What one backend may get at once.");
    private static final Key<Pool> POOL = Key.of(
            "connection-pool", BackendTrafficShape.POOL, Pool.DEFAULT, "Connections to backends kept for reuse.");

    static final ObjectType<ServiceConfig> SERVICE = ObjectType.of(
                    "a mapping such as {backends: [127.0.0.1:9001]}",
                    List.of(
                            BALANCE,
                            PROTOCOL,
                            TLS,
                            SEND_PROXY_PROTOCOL,
                            BACKENDS,
                            CONSUL,
                            DNS_REFRESH,
                            HEALTH_CHECK,
                            EJECTION,
                            RETRY,
                            TIMEOUTS,
                            LIMITS,
                            POOL),
                    ServiceShape::service)
            .withOneOf(BACKENDS, CONSUL);

    private ServiceShape() {}

    private static Map<String, ProxyProtocol> headers() {
        Map<String, ProxyProtocol> words = new LinkedHashMap<>();
        for (ProxyProtocol header : List.of(ProxyProtocol.OFF, ProxyProtocol.V1, ProxyProtocol.V2)) {
            words.put(Choices.word(header), header);
        }
        return words;
    }

    private static ServiceConfig service(Section section) {
        List<StaticBackend> written = section.find(BACKENDS);
        List<StaticBackend> backends = written == null ? List.of() : written;
        checkDistinct(backends, section.source());
        checkHeader(section);
        @Nullable HealthCheck check = section.find(HEALTH_CHECK);
        return new ServiceConfig(
                section.name(),
                section.get(BALANCE),
                backends,
                section.get(DNS_REFRESH),
                check,
                section.get(EJECTION),
                section.get(RETRY),
                section.get(TIMEOUTS),
                section.get(LIMITS),
                section.get(POOL),
                section.find(CONSUL),
                wire(section));
    }

    private static Wire wire(Section section) {
        Protocol protocol = section.get(PROTOCOL);
        @Nullable Tls tls = section.find(TLS);
        if (!protocol.secure()) {
            if (tls != null && !section.failed(PROTOCOL)) {
                section.problem(
                        section.keyAt(TLS),
                        "tls: protocol is " + Choices.word(protocol) + ", which is in the clear",
                        "protocol: https, h2 or tls beside it");
            }
            return new Wire(protocol, null, section.get(SEND_PROXY_PROTOCOL));
        }
        return new Wire(protocol, tls == null ? Tls.DEFAULT : tls, section.get(SEND_PROXY_PROTOCOL));
    }

    /** A connection with a header is one client's; those of HTTP/2 are shared. */
    private static void checkHeader(Section section) {
        Protocol protocol = section.get(PROTOCOL);
        if (section.get(SEND_PROXY_PROTOCOL) != ProxyProtocol.OFF && protocol.http2()) {
            section.problem(
                    section.keyAt(SEND_PROXY_PROTOCOL),
                    "send-proxy-protocol: beside protocol: " + Choices.word(protocol)
                            + ", whose connections clients share",
                    "off, or a protocol of HTTP/1.1");
        }
    }

    private static void checkDistinct(List<StaticBackend> backends, Source source) {
        Map<Address, Location> first = new HashMap<>();
        for (StaticBackend backend : backends) {
            Location earlier = first.putIfAbsent(canonical(backend.address()), backend.location());
            if (earlier != null) {
                source.problem(
                        backend.location(),
                        "address: " + backend.address() + ": twice in this service",
                        "each backend once, with a weight for a larger share; the first is at line " + earlier.line()
                                + ", column " + earlier.column(),
                        null);
            }
        }
    }

    private static Address canonical(Address address) {
        return new Address(Addresses.canonicalHost(address.host()), address.port());
    }
}
