package weir.config;

import java.time.Duration;
import java.util.List;
import weir.config.ServiceConfig.Limits;
import weir.config.ServiceConfig.Pool;
import weir.config.ServiceConfig.Timeouts;

/** The keys under {@code timeouts}, {@code limits} and {@code connection-pool} of a service. */
final class BackendTrafficShape {
    private static final Key<Duration> CONNECT =
            Key.of("connect", Durations.DURATION, Timeouts.DEFAULT.connect(), "To open a connection; 0: no limit.");
    private static final Key<Duration> RESPONSE_HEADER = Key.of(
            "response-header",
            Durations.DURATION,
            Timeouts.DEFAULT.responseHeader(),
            "From the last byte of the request to the head of the response; 0: no limit.");
    private static final Key<Duration> IDLE =
            Key.of("idle", Durations.DURATION, Timeouts.DEFAULT.idle(), "Without a byte either way; 0: no limit.");
    private static final Key<Duration> REQUEST =
            Key.of("request", Durations.DURATION, Timeouts.DEFAULT.request(), "For the whole request; 0: no limit.");
    private static final Key<Duration> TUNNEL_IDLE = Key.of(
            "tunnel-idle",
            Durations.DURATION,
            Timeouts.DEFAULT.tunnelIdle(),
            "For WebSocket tunnels and TCP sessions without a byte either way; 0: no limit.");

    private static final Key<Duration> TUNNEL_LIFETIME = Key.of(
            "tunnel-lifetime",
            Durations.DURATION,
            Timeouts.DEFAULT.tunnelLifetime(),
            "For WebSocket tunnels from beginning to end; 0: no limit.");

    static final ObjectType<Timeouts> TIMEOUTS = ObjectType.of(
            "a mapping of durations",
            List.of(CONNECT, RESPONSE_HEADER, IDLE, REQUEST, TUNNEL_IDLE, TUNNEL_LIFETIME),
            section -> new Timeouts(
                    section.get(CONNECT),
                    section.get(RESPONSE_HEADER),
                    section.get(IDLE),
                    section.get(REQUEST),
                    section.get(TUNNEL_IDLE),
                    section.get(TUNNEL_LIFETIME)));

    private static final Key<Integer> CONNECTIONS_PER_BACKEND = Key.of(
            "connections-per-backend",
            Numbers.between(0, 10_000_000),
            Limits.DEFAULT.connectionsPerBackend(),
            "Connections to one backend at once; 0: no limit.");
    private static final Key<Integer> REQUESTS_PER_BACKEND = Key.of(
            "requests-per-backend",
            Numbers.between(0, 10_000_000),
            Limits.DEFAULT.requestsPerBackend(),
            "Requests to one backend at once; 0: no limit.");

    static final ObjectType<Limits> LIMITS = ObjectType.of(
            "a mapping of limits",
            List.of(CONNECTIONS_PER_BACKEND, REQUESTS_PER_BACKEND),
            section -> new Limits(section.get(CONNECTIONS_PER_BACKEND), section.get(REQUESTS_PER_BACKEND)));

    private static final Key<Integer> IDLE_PER_LOOP = Key.of(
            "idle-per-loop",
            Numbers.between(0, 1_000_000),
            Pool.DEFAULT.idlePerLoop(),
            "Idle connections kept on each event loop; 0: none.");
    private static final Key<Duration> IDLE_TIMEOUT = Key.of(
            "idle-timeout",
            Durations.DURATION,
            Pool.DEFAULT.idleTimeout(),
            "How long a connection may wait for its next request; 0: no limit.");
    private static final Key<Integer> MAX_REQUESTS = Key.of(
            "max-requests",
            Numbers.between(0, 1_000_000_000),
            Pool.DEFAULT.maxRequests(),
            "Requests after which a connection is closed; 0: no limit.");

    static final ObjectType<Pool> POOL = ObjectType.of(
            "a mapping with idle-per-loop, idle-timeout and max-requests",
            List.of(IDLE_PER_LOOP, IDLE_TIMEOUT, MAX_REQUESTS),
            section -> new Pool(section.get(IDLE_PER_LOOP), section.get(IDLE_TIMEOUT), section.get(MAX_REQUESTS)));

    private BackendTrafficShape() {}
}
