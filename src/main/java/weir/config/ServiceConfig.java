package weir.config;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A named set of backends with one policy. Immutable. Durations of zero mean no limit. */
public record ServiceConfig(
        String name,
        Balance balance,
        List<StaticBackend> backends,
        Duration dnsRefresh,
        @Nullable HealthCheck healthCheck,
        Ejection ejection,
        Retry retry,
        Timeouts timeouts,
        Limits limits,
        Pool pool,
        @Nullable Consul consul,
        Wire wire) {
    public ServiceConfig {
        backends = List.copyOf(backends);
    }

    /** HTTP/1.1 in the clear. */
    public ServiceConfig(
            String name,
            Balance balance,
            List<StaticBackend> backends,
            Duration dnsRefresh,
            @Nullable HealthCheck healthCheck,
            Ejection ejection,
            Retry retry,
            Timeouts timeouts,
            Limits limits,
            Pool pool,
            @Nullable Consul consul) {
        this(
                name,
                balance,
                backends,
                dnsRefresh,
                healthCheck,
                ejection,
                retry,
                timeouts,
                limits,
                pool,
                consul,
                Wire.DEFAULT);
    }

    /** Whether a service may be called so. */
    public static boolean isName(String text) {
        return Names.isName(text);
    }

    /** How long the addresses of a host name are used when the DNS gives no TTL. */
    public static final Duration DEFAULT_DNS_REFRESH = Duration.ofSeconds(10);

    /** The balancing policies. */
    public enum Balance {
        ROUND_ROBIN,
        LEAST_CONNECTIONS,
        RANDOM
    }

    /** A backend of the file; its host may be a name, of which every address becomes an endpoint. */
    public record StaticBackend(
            Address address, int weight, @Nullable String zone, Location location) {}

    /**
     * Active probing.
     *
     * @param host the Host field; null for the backend's address
     * @param port 0 for the backend's own port
     * @param body text that the body's first 64 KiB must contain; null for none
     * @param grpcService whose health a gRPC server is asked for; empty for its own
     */
    public record HealthCheck(
            Type type,
            String path,
            @Nullable String host,
            int port,
            int minimumStatus,
            int maximumStatus,
            @Nullable String body,
            Duration interval,
            Duration timeout,
            int healthyAfter,
            int unhealthyAfter,
            String grpcService) {
        public static final HealthCheck DEFAULT = new HealthCheck(
                Type.HTTP, "/", null, 0, 200, 399, null, Duration.ofSeconds(2), Duration.ofSeconds(1), 2, 3);

        /** A check that is none of gRPC. */
        public HealthCheck(
                Type type,
                String path,
                @Nullable String host,
                int port,
                int minimumStatus,
                int maximumStatus,
                @Nullable String body,
                Duration interval,
                Duration timeout,
                int healthyAfter,
                int unhealthyAfter) {
            this(
                    type,
                    path,
                    host,
                    port,
                    minimumStatus,
                    maximumStatus,
                    body,
                    interval,
                    timeout,
                    healthyAfter,
                    unhealthyAfter,
                    "");
        }

        /** What is spoken. */
        public enum Type {
            HTTP,
            TCP,
            GRPC
        }
    }

    /**
     * Passive exclusion after failures.
     *
     * @param consecutiveErrors errors in a row that eject; 0 turns ejection by errors off
     * @param statuses response statuses that count as errors
     */
    public record Ejection(
            int consecutiveErrors,
            Set<Integer> statuses,
            int consecutiveConnectFailures,
            Duration baseTime,
            Duration maxTime,
            int maxPercent) {
        public static final Ejection DEFAULT =
                new Ejection(5, Set.of(502, 503, 504), 3, Duration.ofSeconds(30), Duration.ofMinutes(5), 50);

        public Ejection {
            statuses = Set.copyOf(statuses);
        }
    }

    /**
     * Further attempts.
     *
     * @param attempts tries in all, the first included; 1 turns retry off
     * @param onStatuses response statuses that are tried again
     * @param onGrpcStatuses codes of gRPC statuses that are tried again
     */
    public record Retry(
            int attempts,
            boolean onConnectFailure,
            boolean onReset,
            Set<Integer> onStatuses,
            Set<Integer> onGrpcStatuses,
            int budgetPercent,
            Duration minimumBackOff,
            Duration maximumBackOff) {
        private static final int MOST_DOUBLINGS = 20;

        public static final Retry DEFAULT =
                new Retry(2, true, true, Set.of(502, 503, 504), 20, Duration.ofMillis(25), Duration.ofMillis(250));

        public Retry {
            onStatuses = Set.copyOf(onStatuses);
            onGrpcStatuses = Set.copyOf(onGrpcStatuses);
        }

        /** No gRPC status is tried again. */
        public Retry(
                int attempts,
                boolean onConnectFailure,
                boolean onReset,
                Set<Integer> onStatuses,
                int budgetPercent,
                Duration minimumBackOff,
                Duration maximumBackOff) {
            this(
                    attempts,
                    onConnectFailure,
                    onReset,
                    onStatuses,
                    Set.of(),
                    budgetPercent,
                    minimumBackOff,
                    maximumBackOff);
        }

        /** The longest wait behind so many attempts; the wait itself is random below that (full jitter). */
        public long longestBackOffNanos(int behind) {
            long first = minimumBackOff.toNanos();
            long most = maximumBackOff.toNanos();
            int doublings = Math.min(behind - 1, MOST_DOUBLINGS);
            return first > most >> doublings ? most : first << doublings;
        }
    }

    /** {@code responseHeader} counts from the last byte of the request; {@code idle} is without a byte either way. */
    public record Timeouts(
            Duration connect,
            Duration responseHeader,
            Duration idle,
            Duration request,
            Duration tunnelIdle,
            Duration tunnelLifetime) {
        public static final Timeouts DEFAULT = new Timeouts(
                Duration.ofSeconds(2),
                Duration.ofSeconds(30),
                Duration.ofSeconds(60),
                Duration.ZERO,
                Duration.ofHours(1),
                Duration.ZERO);
    }

    /** Caps for each backend over all event loops; 0 means none. */
    public record Limits(int connectionsPerBackend, int requestsPerBackend) {
        public static final Limits DEFAULT = new Limits(1024, 1024);
    }

    /** Idle backend connections. {@code maxRequests} of 0 means no limit. */
    public record Pool(int idlePerLoop, Duration idleTimeout, int maxRequests) {
        public static final Pool DEFAULT = new Pool(256, Duration.ofSeconds(15), 10_000);
    }

    /**
     * The service in Consul whose instances are the backends.
     *
     * @param tags instances must have all of these
     * @param near instances come in the order of their distance from this node; {@code _agent} for the agent's
     * @param filter a Consul filter expression
     * @param address which address of an instance: lan, wan, lan_ipv4, lan_ipv6, wan_ipv4 or wan_ipv6
     */
    public record Consul(
            String service,
            List<String> tags,
            @Nullable String datacenter,
            @Nullable String namespace,
            @Nullable String partition,
            @Nullable String near,
            @Nullable String filter,
            String address) {
        public Consul {
            tags = List.copyOf(tags);
        }
    }

    /**
     * What goes over the wire to the backends.
     *
     * @param tls null unless the protocol is over TLS
     * @param proxyProtocol the PROXY header each connection begins with
     */
    public record Wire(Protocol protocol, @Nullable Tls tls, ProxyProtocol proxyProtocol) {
        public static final Wire DEFAULT = new Wire(Protocol.HTTP, null, ProxyProtocol.OFF);

        /** Whether the same is spoken, wherever in the file that stands. */
        public boolean speaksLike(Wire other) {
            return protocol == other.protocol
                    && proxyProtocol == other.proxyProtocol
                    && (tls == null ? other.tls == null : other.tls != null && tls.isLike(other.tls));
        }
    }

    /** What is spoken to the backends. */
    public enum Protocol {
        /** HTTP/1.1 in the clear, and the bytes of a TCP session as they are. */
        HTTP,
        /** HTTP/2 in the clear. */
        H2C,
        /** HTTP/1.1 over TLS. */
        HTTPS,
        /** HTTP/2 over TLS. */
        H2,
        /** The bytes of a TCP session over TLS. */
        TLS;

        /** Whether it is over TLS. */
        public boolean secure() {
            return this == HTTPS || this == H2 || this == TLS;
        }

        /** Whether it is HTTP/2. */
        public boolean http2() {
            return this == H2C || this == H2;
        }
    }

    /**
     * TLS to backends; files are PEM.
     *
     * @param ca the authorities trusted; null for the system's
     * @param verify whether chain and name are checked
     * @param serverName the name asked for and checked; null for the backend's own
     */
    public record Tls(
            @Nullable ConfiguredFile ca,
            boolean verify,
            @Nullable String serverName,
            @Nullable ConfiguredFile certificate,
            @Nullable ConfiguredFile key) {
        public static final Tls DEFAULT = new Tls(null, true, null, null, null);

        boolean isLike(Tls other) {
            return verify == other.verify
                    && Objects.equals(serverName, other.serverName)
                    && samePath(ca, other.ca)
                    && samePath(certificate, other.certificate)
                    && samePath(key, other.key);
        }

        private static boolean samePath(@Nullable ConfiguredFile one, @Nullable ConfiguredFile other) {
            return one == null ? other == null : other != null && one.path().equals(other.path());
        }
    }
}
