package weir.metrics;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The catalogue of everything that is measured: one constant for each family, with its name, type, labels and a line of
 * help. A new family is a new constant here and a row in {@code docs/metrics.md}. Immutable.
 */
public enum MetricFamily {
    REQUESTS(
            "weir_requests_total",
            Type.COUNTER,
            "Requests that ended, by class of the status sent to the client.",
            "listener",
            "route",
            "service",
            "status_class"),
    REQUEST_DURATION(
            "weir_request_duration_seconds",
            Type.HISTOGRAM,
            "Time from the first byte of a request to the last byte of its response.",
            "listener",
            "route",
            "service"),
    TIME_TO_FIRST_BYTE(
            "weir_time_to_first_byte_seconds",
            Type.HISTOGRAM,
            "Time from the first byte of a request to the head of its response.",
            "listener",
            "route",
            "service"),
    GRPC_RESPONSES(
            "weir_grpc_responses_total",
            Type.COUNTER,
            "gRPC calls that ended with a status, by its code.",
            "service",
            "grpc_status"),
    REQUESTS_IN_FLIGHT(
            "weir_requests_in_flight", Type.GAUGE, "Requests that have begun and not ended, tunnels included."),
    TUNNELS("weir_tunnels_open", Type.GAUGE, "WebSocket and TCP tunnels that are open."),
    CONNECTIONS("weir_connections_open", Type.GAUGE, "Open connections of clients."),
    CONNECTIONS_ACCEPTED("weir_connections_accepted_total", Type.COUNTER, "Connections accepted.", "listener"),
    CONNECTIONS_EVICTED(
            "weir_connections_evicted_total",
            Type.COUNTER,
            "Idle connections closed because descriptors or client connections ran out.",
            "side"),
    CONNECTIONS_CLOSED_UNREAD(
            "weir_connections_closed_unread_total",
            Type.COUNTER,
            "Client connections that were closed while bytes of the client were unread."),
    CONNECTIONS_REFUSED(
            "weir_connections_refused_total", Type.COUNTER, "Connections closed at once because a limit was reached."),
    CONNECTIONS_BROKEN(
            "weir_connections_broken_total",
            Type.COUNTER,
            "Connections closed because of an exception: a bug, or no memory.",
            "side"),
    CONNECTIONS_FLOODED(
            "weir_connections_flooded_total",
            Type.COUNTER,
            "Connections closed because the peer sent a flood of frames or resets.",
            "side"),
    MEMORY_HELD("weir_memory_held_bytes", Type.GAUGE, "Bytes of buffers and heads that connections of clients hold."),
    MEMORY_STAGE(
            "weir_memory_stage",
            Type.GAUGE,
            "Event loops that hold at least that share of what they may hold, in per cent.",
            "stage"),
    MEMORY_ACTIONS(
            "weir_memory_actions_total",
            Type.COUNTER,
            "Connections that a stage has stopped from reading (60), closed while idle (75), reset (85) or refused (95).",
            "stage"),
    TLS_HANDSHAKES(
            "weir_tls_handshakes_total",
            Type.COUNTER,
            "TLS handshakes with clients that ended, by result.",
            "listener",
            "result"),
    TLS_CERTIFICATE_EXPIRY(
            "weir_tls_certificate_expiry_timestamp_seconds",
            Type.GAUGE,
            "When a certificate shown to clients expires, in seconds since 1970.",
            "listener",
            "name",
            "algorithm"),
    BYTES(
            "weir_bytes_total",
            Type.COUNTER,
            "Bytes of bodies and tunnels, received from clients and sent to them.",
            "direction"),
    BACKEND_REQUESTS(
            "weir_backend_requests_total",
            Type.COUNTER,
            "Responses of a backend, by class of the status.",
            "service",
            "backend",
            "status_class"),
    BACKEND_IN_FLIGHT(
            "weir_backend_requests_in_flight", Type.GAUGE, "Requests a backend has now.", "service", "backend"),
    BACKEND_AVAILABLE(
            "weir_backend_available", Type.GAUGE, "1 when a backend may be picked, else 0.", "service", "backend"),
    BACKEND_CONNECTIONS(
            "weir_backend_connections",
            Type.GAUGE,
            "Open connections to a backend, idle ones included.",
            "service",
            "backend"),
    BACKEND_CONNECTIONS_IDLE(
            "weir_backend_connections_idle",
            Type.GAUGE,
            "Connections to backends that wait in the pools of the event loops."),
    BACKEND_CONNECTS(
            "weir_backend_connects_total", Type.COUNTER, "Attempts to connect to a backend, by result.", "result"),
    BACKEND_ERRORS(
            "weir_backend_errors_total",
            Type.COUNTER,
            "Attempts on a backend that failed, statuses that count as errors included.",
            "service",
            "backend"),
    BACKEND_LATENCY(
            "weir_backend_latency_seconds",
            Type.GAUGE,
            "Moving average of the time a backend takes to the response head.",
            "service",
            "backend"),
    TCP_SESSIONS(
            "weir_tcp_sessions_total",
            Type.COUNTER,
            "TCP sessions that ended, by the reason the access log gives.",
            "listener",
            "service",
            "why"),
    TCP_SESSION_DURATION(
            "weir_tcp_session_duration_seconds",
            Type.HISTOGRAM,
            "Time from the accept of a TCP session to its end.",
            "listener",
            "service"),
    PROXY_HEADERS_REFUSED(
            "weir_proxy_headers_refused_total",
            Type.COUNTER,
            "Connections closed because of the PROXY header they began with, or did not.",
            "listener",
            "why"),
    RETRIES("weir_retries_total", Type.COUNTER, "Attempts after the first of a request.", "service"),
    EJECTIONS(
            "weir_ejections_total", Type.COUNTER, "Ejections of a backend after failures of real requests.", "service"),
    HEALTH_FLIPS(
            "weir_health_flips_total", Type.COUNTER, "Backends that active checks found up or down.", "service", "to"),
    HEALTH_CHECKS(
            "weir_health_checks_total",
            Type.COUNTER,
            "Active health checks that ended, by result.",
            "service",
            "result"),
    CONSUL_REQUESTS("weir_consul_requests_total", Type.COUNTER, "Requests to Consul that ended, by result.", "result"),
    CONSUL_WATCHES("weir_consul_watches", Type.GAUGE, "Services followed in Consul, by kind of watch.", "kind"),
    TAG_ROUTES(
            "weir_tag_routes",
            Type.GAUGE,
            "Routes that tags in Consul make, and tags that were to make one and do not.",
            "state"),
    DISCOVERY_AGE(
            "weir_discovery_age_seconds",
            Type.GAUGE,
            "Time since the last good answer about a service's endpoints.",
            "service"),
    DISCOVERY_STALE(
            "weir_discovery_stale", Type.GAUGE, "1 when the endpoints are older than stale-after, else 0.", "service"),
    DISCOVERY_HELD(
            "weir_discovery_held_endpoints",
            Type.GAUGE,
            "Endpoints that vanished too many at once and are kept for now.",
            "service"),
    ACCESS_LOG_LINES("weir_access_log_lines_total", Type.COUNTER, "Lines of the access log that were rendered."),
    ACCESS_LOG_DROPPED(
            "weir_access_log_dropped_total",
            Type.COUNTER,
            "Lines of the access log that were lost: the buffers were full."),
    ACCESS_LOG_ERRORS(
            "weir_access_log_write_errors_total",
            Type.COUNTER,
            "Writes of the access log that failed; they are tried again."),
    RELOADS("weir_reloads_total", Type.COUNTER, "Reloads of the configuration, by result.", "result"),
    EVENT_LOOP_LAG(
            "weir_event_loop_lag_seconds",
            Type.HISTOGRAM,
            "How much later than planned the ticks of the event loops ran."),
    DIRECT_MEMORY("weir_direct_memory_bytes", Type.GAUGE, "Direct memory that Netty holds for buffers."),
    BUILD_INFO(
            "weir_build_info", Type.GAUGE, "1, with the versions as labels.", "version", "java", "netty", "transport"),
    PROCESS_START("process_start_time_seconds", Type.GAUGE, "When the process started, in seconds since 1970."),
    PROCESS_UPTIME("process_uptime_seconds", Type.GAUGE, "For how long the process has been running."),
    PROCESS_CPU("process_cpu_seconds_total", Type.COUNTER, "CPU time the process has used."),
    PROCESS_OPEN_FDS("process_open_fds", Type.GAUGE, "Open file descriptors."),
    PROCESS_MAX_FDS("process_max_fds", Type.GAUGE, "File descriptors the process may open."),
    JVM_MEMORY_USED("jvm_memory_used_bytes", Type.GAUGE, "Memory of the JVM in use.", "area"),
    JVM_MEMORY_COMMITTED("jvm_memory_committed_bytes", Type.GAUGE, "Memory the JVM has taken.", "area"),
    JVM_MEMORY_MAX("jvm_memory_max_bytes", Type.GAUGE, "Memory the JVM may take; -1 when there is no limit.", "area"),
    JVM_BUFFERS("jvm_buffer_pool_used_bytes", Type.GAUGE, "Memory of java.nio buffers.", "pool"),
    JVM_GC_COLLECTIONS("jvm_gc_collections_total", Type.COUNTER, "Garbage collections.", "gc"),
    JVM_GC_SECONDS("jvm_gc_seconds_total", Type.COUNTER, "Time spent in garbage collections.", "gc"),
    JVM_THREADS("jvm_threads", Type.GAUGE, "Live threads.");

    private static final Map<String, MetricFamily> BY_NAME = new HashMap<>();

    static {
        for (MetricFamily family : values()) {
            BY_NAME.put(family.text, family);
        }
    }

    private final String text;
    private final Type type;
    private final String help;
    private final List<String> labels;

    MetricFamily(String text, Type type, String help, String... labels) {
        this.text = text;
        this.type = type;
        this.help = help;
        this.labels = List.of(labels);
    }

    /** What a family's series are. */
    public enum Type {
        COUNTER("counter"),
        GAUGE("gauge"),
        HISTOGRAM("histogram");

        private final String text;

        Type(String text) {
            this.text = text;
        }

        /** The word of the Prometheus text format. */
        public String text() {
            return text;
        }
    }

    /** The name, as Prometheus has it. */
    public String text() {
        return text;
    }

    /** What its series are. */
    public Type type() {
        return type;
    }

    /** One line for people. */
    public String help() {
        return help;
    }

    /** The names of the labels a series may have. */
    public List<String> labels() {
        return labels;
    }

    /** The family of that name, or null. */
    public static @Nullable MetricFamily of(String name) {
        return BY_NAME.get(name);
    }
}
