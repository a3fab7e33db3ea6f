package weir.config;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import weir.config.Numbers.StatusRange;
import weir.config.ServiceConfig.HealthCheck;

/** The keys under {@code health-check}. */
final class HealthCheckShape {
    private static final HealthCheck DEFAULT = HealthCheck.DEFAULT;

    private static final TextType<String> SERVICE_NAME = TextType.of(
            "grpc-service",
            "the name of a gRPC service such as helloworld.Greeter, at most 100 characters",
            text -> {
                if (text.length() > 100 || text.chars().anyMatch(c -> c <= ' ' || c > '~')) {
                    throw InvalidText.plain();
                }
                return text;
            },
            text -> text,
            Map.of("type", "string"));

    private static final Key<HealthCheck.Type> TYPE = Key.of(
            "type",
            Choices.of("health-check-type", HealthCheck.Type.class),
            DEFAULT.type(),
            "http: a GET must be answered with a good status; tcp: a connection must open; grpc: its health service must say"
                    + " SERVING.");
    private static final Key<String> PATH = Key.of("path", Targets.CHECK_PATH, DEFAULT.path(), "What is asked for.");
    private static final Key<String> HOST =
            Key.optional("host", Addresses.HOST_FIELD, "The Host field; without it, the backend's address.");
    private static final Key<Integer> PORT =
            Key.optional("port", Numbers.between(1, 65_535), "Another port than the backend's own.");
    private static final Key<StatusRange> STATUS = Key.of(
            "status",
            Numbers.STATUS_RANGE,
            new StatusRange(DEFAULT.minimumStatus(), DEFAULT.maximumStatus()),
            "The statuses that are good.");
    private static final Key<String> BODY =
            Key.optional("body", Names.TEXT, "Text that the first 64 KiB of the body must contain.");
    private static final Key<Duration> INTERVAL =
            Key.of("interval", Durations.POSITIVE, DEFAULT.interval(), "From one check to the next.");
    private static final Key<Duration> TIMEOUT =
            Key.of("timeout", Durations.POSITIVE, DEFAULT.timeout(), "How long one check may take.");
    private static final Key<Integer> HEALTHY_AFTER = Key.of(
            "healthy-after",
            Numbers.between(1, 1000),
            DEFAULT.healthyAfter(),
            "Good checks in a row that bring it back.");
    private static final Key<Integer> UNHEALTHY_AFTER = Key.of(
            "unhealthy-after",
            Numbers.between(1, 1000),
            DEFAULT.unhealthyAfter(),
            "Bad checks in a row that take it out.");

    private static final Key<String> SERVICE = Key.of(
            "service", SERVICE_NAME, DEFAULT.grpcService(), "Whose health a gRPC server is asked for; empty: its own.");

    static final ObjectType<HealthCheck> HEALTH_CHECK = ObjectType.of(
                    "a path such as /health, or a mapping with type and path",
                    List.of(
                            TYPE,
                            PATH,
                            HOST,
                            PORT,
                            STATUS,
                            BODY,
                            SERVICE,
                            INTERVAL,
                            TIMEOUT,
                            HEALTHY_AFTER,
                            UNHEALTHY_AFTER),
                    HealthCheckShape::healthCheck)
            .withShortForm(PATH);

    private HealthCheckShape() {}

    private static HealthCheck healthCheck(Section section) {
        HealthCheck.Type type = section.get(TYPE);
        switch (type) {
            case HTTP -> refuse(section, ": whose health only a grpc check asks for", "type: grpc", SERVICE);
            case TCP ->
                refuse(
                        section,
                        ": a tcp check only opens a connection",
                        "type: http",
                        PATH,
                        HOST,
                        STATUS,
                        BODY,
                        SERVICE);
            case GRPC -> refuse(section, ": a grpc check has a question of its own", "type: http", PATH, STATUS, BODY);
        }
        StatusRange status = section.get(STATUS);
        @Nullable Integer port = section.find(PORT);
        return new HealthCheck(
                type,
                section.get(PATH),
                section.find(HOST),
                port == null ? DEFAULT.port() : port,
                status.minimum(),
                status.maximum(),
                section.find(BODY),
                section.get(INTERVAL),
                section.get(TIMEOUT),
                section.get(HEALTHY_AFTER),
                section.get(UNHEALTHY_AFTER),
                section.get(SERVICE));
    }

    private static void refuse(Section section, String why, String expected, Key<?>... keys) {
        for (Key<?> key : keys) {
            if (section.has(key)) {
                section.problem(section.keyAt(key), key.name() + why, expected);
            }
        }
    }
}
