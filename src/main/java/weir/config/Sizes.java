package weir.config;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.LongFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Numbers of bytes: {@code 32KiB}, {@code 1MiB}, {@code 8192}. */
final class Sizes {
    private static final Pattern NEARLY = Pattern.compile("([0-9]{1,15}) ?([A-Za-z]*)");
    private static final long KIB = 1024;
    private static final long MIB = 1024 * KIB;
    private static final long GIB = 1024 * MIB;

    /** Up to what an {@code int} and a buffer can hold. */
    static final TextType<Integer> BUFFER_SIZE =
            type("buffer-size", "a size such as 32KiB, 1MiB or 8192, at most 1GiB", GIB, Math::toIntExact);

    static final TextType<Long> SIZE =
            type("size", "a size such as 32KiB, 1MiB or 8192, at most 1048576GiB", 1_048_576 * GIB, bytes -> bytes);

    /** A size of at least a mebibyte, or {@code auto}, which is 0. */
    static final TextType<Long> MEMORY = TextType.of(
            "memory",
            "auto, or a size of at least 1MiB such as 96MiB",
            text -> text.equals("auto") ? 0L : atLeast(MIB, parse(text, 1_048_576 * GIB)),
            size -> size == 0 ? "auto" : format(size),
            Map.of(
                    "anyOf",
                    List.of(
                            Map.of("type", "integer", "minimum", MIB, "maximum", 1_048_576 * GIB),
                            Map.of("type", "string", "pattern", "^([0-9]+(KiB|MiB|GiB)?|auto)$"))));

    private Sizes() {}

    private static long atLeast(long least, long bytes) throws InvalidText {
        if (bytes < least) {
            throw InvalidText.plain();
        }
        return bytes;
    }

    private static <T extends Number> TextType<T> type(String name, String expected, long most, LongFunction<T> box) {
        return TextType.of(
                name,
                expected,
                text -> box.apply(parse(text, most)),
                size -> format(size.longValue()),
                Map.of(
                        "anyOf",
                        List.of(
                                Map.of("type", "integer", "minimum", 0, "maximum", most),
                                Map.of("type", "string", "pattern", "^[0-9]+(KiB|MiB|GiB)?$"))));
    }

    private static long parse(String text, long most) throws InvalidText {
        Matcher matcher = NEARLY.matcher(text);
        if (!matcher.matches()) {
            throw InvalidText.plain();
        }
        long unit = switch (matcher.group(2)) {
            case "" -> 1;
            case "KiB" -> KIB;
            case "MiB" -> MIB;
            case "GiB" -> GIB;
            default -> throw InvalidText.meaning(meant(matcher.group(1), matcher.group(2)));
        };
        if (text.indexOf(' ') >= 0) {
            throw InvalidText.meaning(matcher.group(1) + matcher.group(2));
        }
        long count = Long.parseLong(matcher.group(1));
        if (count > most / unit) {
            throw InvalidText.plain();
        }
        return count * unit;
    }

    private static @Nullable String meant(String count, String unit) {
        return switch (unit.toLowerCase(Locale.ROOT)) {
            case "b", "byte", "bytes" -> count;
            case "k", "kb", "ki", "kib" -> count + "KiB";
            case "m", "mb", "mi", "mib" -> count + "MiB";
            case "g", "gb", "gi", "gib" -> count + "GiB";
            default -> null;
        };
    }

    private static String format(long bytes) {
        if (bytes == 0 || bytes % KIB != 0) {
            return Long.toString(bytes);
        }
        if (bytes % GIB == 0) {
            return bytes / GIB + "GiB";
        }
        return bytes % MIB == 0 ? bytes / MIB + "MiB" : bytes / KIB + "KiB";
    }
}
