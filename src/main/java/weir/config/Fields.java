package weir.config;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Methods, field names and field values of HTTP messages. Source: RFC 9110, sections 5.1, 5.5, 5.6.2 and 7.6.1. */
final class Fields {
    private static final List<String> METHODS =
            List.of("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "CONNECT");
    private static final Set<String> HOP_BY_HOP =
            Set.of("connection", "keep-alive", "proxy-connection", "te", "expect");

    static final TextType<String> METHOD =
            TextType.of("method", "a method such as GET, in upper case", Fields::parseMethod);

    /** Read in lower case, as fields are compared without regard to case. */
    static final TextType<String> FIELD_NAME = fieldName("field-name", Fields::parseName);

    /** The name of a field that a route may set, add or remove. */
    static final TextType<String> EDITED_FIELD_NAME = fieldName("edited-field-name", Fields::parseEditedName);

    /** Messages do not show it: it may be a secret. */
    static final TextType<String> FIELD_VALUE = new TextType<>(
            "field-value",
            "printable ASCII text, without control characters",
            true,
            Fields::parseValue,
            text -> text,
            Map.of("type", List.of("string", "number", "boolean")));

    private Fields() {}

    private static TextType<String> fieldName(String name, TextType.Parser<String> parser) {
        return TextType.of(
                name,
                "a field name: letters, digits and -!#$%&'*+.^_`|~",
                parser,
                text -> text,
                Map.of("type", "string", "pattern", "^[A-Za-z0-9!#$%&'*+.^_`|~-]+$"));
    }

    private static boolean isToken(String text) {
        return !text.isEmpty()
                && text.chars()
                        .allMatch(c -> c >= '0' && c <= '9'
                                || c >= 'a' && c <= 'z'
                                || c >= 'A' && c <= 'Z'
                                || "!#$%&'*+-.^_`|~".indexOf(c) >= 0);
    }

    private static String parseMethod(String text) throws InvalidText {
        if (!isToken(text)) {
            throw InvalidText.plain();
        }
        String upper = text.toUpperCase(Locale.ROOT);
        if (!text.equals(upper) && METHODS.contains(upper)) {
            throw InvalidText.meaning(upper);
        }
        return text;
    }

    private static String parseName(String text) throws InvalidText {
        if (!isToken(text)) {
            throw InvalidText.plain();
        }
        return text.toLowerCase(Locale.ROOT);
    }

    private static String parseEditedName(String text) throws InvalidText {
        String name = parseName(text);
        String instead = instead(name);
        if (instead != null) {
            throw new InvalidText("not a field to edit", instead, null);
        }
        return name;
    }

    /** What to use in place of an edit that would break framing or the connection; null when the edit is fine. */
    private static @Nullable String instead(String name) {
        return switch (name) {
            case "host" -> "the key host-header of the route";
            case "content-length", "transfer-encoding", "trailer" -> "no such edit: Weir frames every message itself";
            case "upgrade", "http2-settings" -> "no such edit: Weir passes upgrades to websocket by itself";
            default ->
                HOP_BY_HOP.contains(name)
                        ? "no such edit: Weir keeps connections itself, see limits and connection-pool"
                        : null;
        };
    }

    private static String parseValue(String text) throws InvalidText {
        // Anything above ASCII has no agreed encoding in a field, and cut to a byte it could become a line end.
        if (!text.chars().allMatch(c -> c == '\t' || c >= ' ' && c <= '~')) {
            throw InvalidText.plain();
        }
        return text.strip();
    }
}
