package weir.config;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import weir.config.LimitsConfig.HalfClosed;
import weir.config.LimitsConfig.Underscores;

/** The keys under {@code limits}. */
final class LimitsShape {
    private static final LimitsConfig DEFAULT = LimitsConfig.DEFAULT;

    private static final Key<Integer> REQUEST_LINE =
            Key.of("request-line", Sizes.BUFFER_SIZE, DEFAULT.requestLine(), "The longest request line; 0: no limit.");
    private static final Key<Integer> HEADERS =
            Key.of("headers", Sizes.BUFFER_SIZE, DEFAULT.headers(), "All fields of a request together; 0: no limit.");
    private static final Key<Integer> HEADER_COUNT = Key.of(
            "header-count", Numbers.between(0, 100_000), DEFAULT.headerCount(), "Fields in a request; 0: no limit.");
    private static final Key<Integer> RESPONSE_HEADERS = Key.of(
            "response-headers",
            Sizes.BUFFER_SIZE,
            DEFAULT.responseHeaders(),
            "Status line and fields of a backend's response together; 0: no limit.");
    private static final Key<Long> BODY =
            Key.of("body", Sizes.SIZE, DEFAULT.body(), "The longest request body; 0: no limit.");
    private static final Key<Duration> HEADER_TIMEOUT = Key.of(
            "header-timeout",
            Durations.DURATION,
            DEFAULT.headerTimeout(),
            "From a request's first byte to the end of its fields; 0: no limit.");
    private static final Key<Duration> BODY_TIMEOUT = Key.of(
            "body-timeout",
            Durations.DURATION,
            DEFAULT.bodyTimeout(),
            "The longest gap between bytes of a request body; 0: no limit.");
    private static final Key<Duration> IDLE_TIMEOUT = Key.of(
            "idle-timeout",
            Durations.DURATION,
            DEFAULT.idleTimeout(),
            "How long a client connection may wait for its next request; 0: no limit.");
    private static final Key<Integer> CONNECTIONS = Key.of(
            "connections",
            Numbers.between(0, 10_000_000),
            DEFAULT.connections(),
            "Client connections at once; 0: no limit.");
    private static final Key<Integer> CONNECTIONS_PER_ADDRESS = Key.of(
            "connections-per-address",
            Numbers.between(0, 10_000_000),
            DEFAULT.connectionsPerAddress(),
            "Client connections at once from one IPv4 address, or one /64 of IPv6; 0: no limit.");
    private static final TextType<Integer> COUNT = Numbers.between(16, 100_000_000);
    private static final Key<Integer> DESCRIPTORS = Key.of(
            "descriptors",
            TextType.of(
                    "descriptors",
                    "auto, or " + COUNT.expected(),
                    text -> text.equals("auto") ? 0 : COUNT.parser().parse(text),
                    most -> most == 0 ? "auto" : Integer.toString(most),
                    Map.of(
                            "anyOf",
                            List.of(
                                    Map.of("type", "integer", "minimum", 16, "maximum", 100_000_000),
                                    Map.of("type", "string", "pattern", "^(auto|[0-9]+)$")))),
            DEFAULT.descriptors(),
            "File descriptors that may be used; auto: as many as the process may have.");
    private static final Key<Underscores> UNDERSCORES = Key.of(
            "underscores",
            Choices.of("underscores", Underscores.class),
            DEFAULT.underscores(),
            "What happens to request fields whose name has an underscore.");

    private static final Key<HalfClosed> HALF_CLOSED = Key.of(
            "half-closed",
            Choices.of("half-closed", HalfClosed.class),
            DEFAULT.halfClosed(),
            "What becomes of the request of an HTTP/1.1 client that closes its sending side before it is answered.");

    private static final Key<Long> MEMORY = Key.of(
            "memory",
            Sizes.MEMORY,
            DEFAULT.memory(),
            "What all client connections may hold together in buffers and heads; auto: by what the process has.");

    static final ObjectType<LimitsConfig> LIMITS = ObjectType.of(
            "a mapping of limits",
            List.of(
                    REQUEST_LINE,
                    HEADERS,
                    HEADER_COUNT,
                    RESPONSE_HEADERS,
                    BODY,
                    HEADER_TIMEOUT,
                    BODY_TIMEOUT,
                    IDLE_TIMEOUT,
                    CONNECTIONS,
                    CONNECTIONS_PER_ADDRESS,
                    DESCRIPTORS,
                    UNDERSCORES,
                    HALF_CLOSED,
                    MEMORY),
            LimitsShape::limits);

    private LimitsShape() {}

    private static LimitsConfig limits(Section section) {
        return new LimitsConfig(
                section.get(REQUEST_LINE),
                section.get(HEADERS),
                section.get(HEADER_COUNT),
                section.get(RESPONSE_HEADERS),
                section.get(BODY),
                section.get(HEADER_TIMEOUT),
                section.get(BODY_TIMEOUT),
                section.get(IDLE_TIMEOUT),
                section.get(CONNECTIONS),
                section.get(CONNECTIONS_PER_ADDRESS),
                section.get(DESCRIPTORS),
                section.get(UNDERSCORES),
                section.get(HALF_CLOSED),
                section.get(MEMORY));
    }
}
