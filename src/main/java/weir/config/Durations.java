package weir.config;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Lengths of time: {@code 250ms}, {@code 5s}, {@code 2m}, {@code 1h}, {@code 0}. */
final class Durations {
    private static final Pattern NEARLY = Pattern.compile("([0-9]{1,10})[ _]?([A-Za-zµ]*)");
    private static final String UNITS = "(ms|s|m|h)";
    private static final long LONGEST_HOURS = 8760;
    private static final String LENGTH = "a duration such as 250ms, 5s, 2m or 1h";

    /** Zero stands for no limit, or for at once. */
    static final TextType<Duration> DURATION = TextType.of(
            "duration",
            LENGTH + ", or 0",
            Durations::parse,
            Durations::format,
            Map.of("anyOf", List.of(Map.of("const", 0), pattern("(0|[0-9]+" + UNITS + ")"))));

    static final TextType<Duration> POSITIVE = TextType.of(
            "positive-duration",
            LENGTH + ", more than 0",
            Durations::parsePositive,
            Durations::format,
            pattern("0*[1-9][0-9]*" + UNITS));

    static final TextType<Span> SPAN = TextType.of(
            "duration-range",
            "two durations such as 25ms..250ms, the smaller one first",
            Durations::parseSpan,
            span -> format(span.minimum()) + ".." + format(span.maximum()),
            pattern("(0|[0-9]+" + UNITS + ")(\\.\\.(0|[0-9]+" + UNITS + "))?"));

    private Durations() {}

    /** From one length of time to another. Immutable. */
    record Span(Duration minimum, Duration maximum) {}

    private static Map<String, Object> pattern(String pattern) {
        return Map.of("type", "string", "pattern", "^" + pattern + "$");
    }

    private static Duration parse(String text) throws InvalidText {
        if (text.equals("0")) {
            return Duration.ZERO;
        }
        Matcher matcher = NEARLY.matcher(text);
        if (!matcher.matches()) {
            throw InvalidText.plain();
        }
        long count = Long.parseLong(matcher.group(1));
        Duration duration = switch (matcher.group(2)) {
            case "ms" -> Duration.ofMillis(count);
            case "s" -> Duration.ofSeconds(count);
            case "m" -> Duration.ofMinutes(count);
            case "h" -> Duration.ofHours(count);
            default -> throw InvalidText.meaning(meant(count, matcher.group(2)));
        };
        if (!text.equals(matcher.group(1) + matcher.group(2))) {
            throw InvalidText.meaning(matcher.group(1) + matcher.group(2));
        }
        if (duration.toHours() > LONGEST_HOURS || duration.compareTo(Duration.ofHours(LONGEST_HOURS)) > 0) {
            throw new InvalidText("", "at most " + LONGEST_HOURS + "h", null);
        }
        return duration;
    }

    private static Duration parsePositive(String text) throws InvalidText {
        Duration duration = parse(text);
        if (duration.isZero()) {
            throw InvalidText.plain();
        }
        return duration;
    }

    private static Span parseSpan(String text) throws InvalidText {
        int dots = text.indexOf("..");
        Duration minimum = parse(dots < 0 ? text : text.substring(0, dots));
        Duration maximum = dots < 0 ? minimum : parse(text.substring(dots + 2));
        if (minimum.compareTo(maximum) > 0) {
            throw InvalidText.meaning(format(maximum) + ".." + format(minimum));
        }
        return new Span(minimum, maximum);
    }

    private static @Nullable String meant(long count, String unit) {
        return switch (unit.toLowerCase(Locale.ROOT)) {
            case "", "s", "sec", "secs", "second", "seconds" -> count + "s";
            case "ms", "msec", "millis", "millisecond", "milliseconds" -> count + "ms";
            case "m", "min", "mins", "minute", "minutes" -> count + "m";
            case "h", "hr", "hrs", "hour", "hours" -> count + "h";
            case "d", "day", "days" -> count * 24 + "h";
            default -> null;
        };
    }

    private static String format(Duration duration) {
        long millis = duration.toMillis();
        if (millis == 0) {
            return "0";
        }
        if (millis % 3_600_000 == 0) {
            return millis / 3_600_000 + "h";
        }
        if (millis % 60_000 == 0 && millis > 60_000) {
            return millis / 60_000 + "m";
        }
        return millis % 1000 == 0 ? millis / 1000 + "s" : millis + "ms";
    }
}
