package weir.config;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Whole numbers, statuses and booleans. */
final class Numbers {
    private static final Pattern DIGITS = Pattern.compile("[0-9]{1,18}");

    /** Statuses of responses that end an exchange. */
    static final TextType<Integer> STATUS = between("status", 200, 599);

    /** Statuses that tell of a failure. */
    static final TextType<Integer> ERROR_STATUS = between("error-status", 400, 599);

    static final TextType<StatusRange> STATUS_RANGE = TextType.of(
            "status-range",
            "a status such as 200, or a range such as 200-399, from 100 to 599",
            Numbers::parseRange,
            range -> range.minimum() + "-" + range.maximum(),
            Map.of(
                    "anyOf",
                    List.of(
                            Map.of("type", "integer", "minimum", 100, "maximum", 599),
                            Map.of("type", "string", "pattern", "^[1-5][0-9][0-9](-[1-5][0-9][0-9])?$"))));

    static final TextType<Boolean> BOOLEAN = TextType.of(
            "boolean",
            "true or false",
            Numbers::parseBoolean,
            String::valueOf,
            Map.of("anyOf", List.of(Map.of("type", "boolean"), Map.of("enum", List.of("true", "false")))));

    private Numbers() {}

    /** Statuses from one to another, both included. Immutable. */
    record StatusRange(int minimum, int maximum) {}

    static TextType<Integer> between(int least, int most) {
        return between("integer-" + least + "-" + most, least, most);
    }

    private static TextType<Integer> between(String name, int least, int most) {
        return TextType.of(
                name,
                "a whole number from " + least + " to " + most,
                text -> parse(text, least, most),
                String::valueOf,
                Map.of(
                        "anyOf",
                        List.of(
                                Map.of("type", "integer", "minimum", least, "maximum", most),
                                Map.of("type", "string", "pattern", "^[0-9]+$"))));
    }

    private static int parse(String text, int least, int most) throws InvalidText {
        if (!DIGITS.matcher(text).matches()) {
            throw InvalidText.plain();
        }
        long number = Long.parseLong(text);
        if (number < least || number > most) {
            throw InvalidText.plain();
        }
        if (text.length() > 1 && text.charAt(0) == '0') {
            // YAML 1.1 reads 010 as eight, people read ten: neither is taken.
            throw InvalidText.meaning(Long.toString(number));
        }
        return (int) number;
    }

    private static StatusRange parseRange(String text) throws InvalidText {
        int dash = text.indexOf('-');
        int minimum = parse(dash < 0 ? text : text.substring(0, dash), 100, 599);
        int maximum = dash < 0 ? minimum : parse(text.substring(dash + 1), 100, 599);
        if (minimum > maximum) {
            throw InvalidText.meaning(maximum + "-" + minimum);
        }
        return new StatusRange(minimum, maximum);
    }

    private static boolean parseBoolean(String text) throws InvalidText {
        return switch (text) {
            case "true" -> true;
            case "false" -> false;
            default -> throw InvalidText.meaning(meant(text));
        };
    }

    private static @Nullable String meant(String text) {
        return switch (text.toLowerCase(Locale.ROOT)) {
            case "true", "yes", "on", "y", "1" -> "true";
            case "false", "no", "off", "n", "0" -> "false";
            default -> null;
        };
    }
}
