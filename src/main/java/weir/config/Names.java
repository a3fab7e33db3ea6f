package weir.config;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** Names the user gives, names of files, and free text. */
final class Names {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,99}");

    /** What a YAML reader that knows types may make of an unquoted text. */
    private static final Map<String, Object> ANY_SCALAR = Map.of("type", List.of("string", "number", "boolean"));

    /** A listener's or service's: it stands in metrics, and in URLs of the admin API. */
    static final TextType<String> NAME_TYPE = TextType.of(
            "name",
            "letters, digits, '.', '_' and '-', at most 100",
            text -> checked(text, isName(text)),
            text -> text,
            ANY_SCALAR);

    static final TextType<String> ROUTE_NAME = TextType.of(
            "route-name",
            "printable ASCII text, at most 200 characters",
            text -> checked(
                    text,
                    !text.isBlank() && text.length() <= 200 && text.chars().allMatch(c -> c >= ' ' && c <= '~')),
            text -> text,
            ANY_SCALAR);

    static final TextType<String> TEXT = TextType.of("text", "text", text -> text, text -> text, ANY_SCALAR);

    static final TextType<String> FILE = TextType.of("file", "the path of a file", Names::parseFile);

    /** {@code json}, {@code combined}, {@code logfmt}, or a template, which names a field in braces. */
    static final TextType<String> LOG_FORMAT =
            TextType.of("log-format", "json, combined, logfmt, or a template with a {field}", Names::parseFormat);

    private Names() {}

    static boolean isName(String text) {
        return NAME.matcher(text).matches();
    }

    private static String checked(String text, boolean good) throws InvalidText {
        if (!good) {
            throw InvalidText.plain();
        }
        return text;
    }

    private static String parseFile(String text) throws InvalidText {
        try {
            return checked(
                    Path.of(text).toString(), !text.isBlank() && text.chars().noneMatch(Character::isISOControl));
        } catch (InvalidPathException e) {
            throw InvalidText.plain();
        }
    }

    private static String parseFormat(String text) throws InvalidText {
        List<String> formats = List.of("json", "combined", "logfmt");
        if (!formats.contains(text)) {
            if (!text.contains("{")) {
                throw InvalidText.meaning(Suggestion.nearest(text, formats));
            }
            checked(text, text.chars().noneMatch(c -> c != '\t' && Character.isISOControl(c)));
        }
        return text;
    }
}
