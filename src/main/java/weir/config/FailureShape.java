package weir.config;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import weir.config.Durations.Span;
import weir.config.ServiceConfig.Ejection;
import weir.config.ServiceConfig.Retry;

/** The keys under {@code ejection} and {@code retry}: what follows when a backend fails. */
final class FailureShape {
    private static final String CONNECT_FAILURE = "connect-failure";
    private static final String RESET = "reset";

    /** Statuses of gRPC that may be worth another attempt, with their codes: the ones Envoy knows. */
    private static final Map<String, Integer> GRPC = Map.of(
            "grpc-cancelled", 1,
            "grpc-deadline-exceeded", 4,
            "grpc-resource-exhausted", 8,
            "grpc-internal", 13,
            "grpc-unavailable", 14);

    private static final List<String> WORDS = Stream.concat(
                    Stream.of(CONNECT_FAILURE, RESET), GRPC.keySet().stream().sorted())
            .toList();

    private static final Key<Integer> CONSECUTIVE_ERRORS = Key.of(
            "consecutive-errors",
            Numbers.between(0, 1_000_000),
            Ejection.DEFAULT.consecutiveErrors(),
            "Errors in a row (statuses, resets, timeouts) that eject; 0: errors never do.");
    private static final Key<List<Integer>> STATUSES = Key.of(
            "statuses",
            new ListType<>(Numbers.ERROR_STATUS, "a list of statuses such as [502, 503, 504]"),
            Ejection.DEFAULT.statuses().stream().sorted().toList(),
            "Response statuses that count as errors.");
    private static final Key<Integer> CONSECUTIVE_CONNECT_FAILURES = Key.of(
            "consecutive-connect-failures",
            Numbers.between(0, 1_000_000),
            Ejection.DEFAULT.consecutiveConnectFailures(),
            "Failed connects in a row that eject; 0: they never do.");
    private static final Key<Duration> BASE_TIME = Key.of(
            "base-time",
            Durations.POSITIVE,
            Ejection.DEFAULT.baseTime(),
            "How long the first ejection lasts; each further one lasts that much longer.");
    private static final Key<Duration> MAX_TIME =
            Key.of("max-time", Durations.POSITIVE, Ejection.DEFAULT.maxTime(), "The longest an ejection lasts.");
    private static final Key<Integer> MAX_PERCENT = Key.of(
            "max-percent",
            Numbers.between(0, 100),
            Ejection.DEFAULT.maxPercent(),
            "How many of the backends may be ejected at once.");

    static final ObjectType<Ejection> EJECTION = ObjectType.of(
            "a mapping with consecutive-errors, statuses and times",
            List.of(CONSECUTIVE_ERRORS, STATUSES, CONSECUTIVE_CONNECT_FAILURES, BASE_TIME, MAX_TIME, MAX_PERCENT),
            FailureShape::ejection);

    private static final TextType<String> CONDITION = TextType.of(
            "retry-condition",
            String.join(", ", WORDS) + ", or a status from 400 to 599",
            FailureShape::parseCondition,
            text -> text,
            Map.of(
                    "anyOf",
                    List.of(
                            Map.of("enum", WORDS),
                            Map.of("type", "integer", "minimum", 400, "maximum", 599),
                            Map.of("type", "string", "pattern", "^[45][0-9][0-9]$"))));

    private static final Key<Integer> ATTEMPTS =
            Key.of("attempts", Numbers.between(1, 100), Retry.DEFAULT.attempts(), "Tries in all; 1: no retry.");
    private static final Key<List<String>> CONDITIONS = Key.of(
            "conditions",
            new ListType<>(CONDITION, "a list such as [connect-failure, reset, 503]"),
            defaultConditions(),
            "What is tried again.");
    private static final Key<Integer> BUDGET_PERCENT = Key.of(
            "budget-percent",
            Numbers.between(0, 100),
            Retry.DEFAULT.budgetPercent(),
            "Retries allowed for every hundred requests of the service.");
    private static final Key<Span> BACK_OFF = Key.of(
            "back-off",
            Durations.SPAN,
            new Span(Retry.DEFAULT.minimumBackOff(), Retry.DEFAULT.maximumBackOff()),
            "The pause before a further attempt.");

    static final ObjectType<Retry> RETRY = ObjectType.of(
            "a mapping with attempts and conditions",
            List.of(ATTEMPTS, CONDITIONS, BUDGET_PERCENT, BACK_OFF),
            FailureShape::retry);

    private FailureShape() {}

    private static List<String> defaultConditions() {
        List<String> conditions = new ArrayList<>();
        if (Retry.DEFAULT.onConnectFailure()) {
            conditions.add(CONNECT_FAILURE);
        }
        if (Retry.DEFAULT.onReset()) {
            conditions.add(RESET);
        }
        Retry.DEFAULT.onStatuses().stream().sorted().forEach(status -> conditions.add(Integer.toString(status)));
        return List.copyOf(conditions);
    }

    private static String parseCondition(String text) throws InvalidText {
        if (WORDS.contains(text)) {
            return text;
        }
        if (!text.chars().allMatch(c -> c >= '0' && c <= '9')) {
            throw InvalidText.meaning(Suggestion.nearest(text, WORDS));
        }
        return Integer.toString(Numbers.ERROR_STATUS.parser().parse(text));
    }

    private static Ejection ejection(Section section) {
        Duration baseTime = section.get(BASE_TIME);
        Duration maxTime = section.get(MAX_TIME);
        if (baseTime.compareTo(maxTime) > 0) {
            Key<Duration> wrong = section.has(MAX_TIME) ? MAX_TIME : BASE_TIME;
            section.problem(
                    section.at(wrong),
                    wrong.name() + ": " + Durations.DURATION.format().apply(section.get(wrong)),
                    wrong == MAX_TIME
                            ? "at least base-time, "
                                    + Durations.DURATION.format().apply(baseTime)
                            : "at most max-time, " + Durations.DURATION.format().apply(maxTime));
        }
        return new Ejection(
                section.get(CONSECUTIVE_ERRORS),
                Set.copyOf(section.get(STATUSES)),
                section.get(CONSECUTIVE_CONNECT_FAILURES),
                baseTime,
                maxTime,
                section.get(MAX_PERCENT));
    }

    private static Retry retry(Section section) {
        List<String> conditions = section.get(CONDITIONS);
        Set<Integer> statuses = conditions.stream()
                .filter(condition -> !WORDS.contains(condition))
                .map(Integer::valueOf)
                .collect(Collectors.toUnmodifiableSet());
        Set<Integer> grpcStatuses =
                conditions.stream().map(GRPC::get).filter(Objects::nonNull).collect(Collectors.toUnmodifiableSet());
        return new Retry(
                section.get(ATTEMPTS),
                conditions.contains(CONNECT_FAILURE),
                conditions.contains(RESET),
                statuses,
                grpcStatuses,
                section.get(BUDGET_PERCENT),
                section.get(BACK_OFF).minimum(),
                section.get(BACK_OFF).maximum());
    }
}
