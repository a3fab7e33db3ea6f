package weir.config;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** Methods, field names and field values of HTTP messages. Source: RFC 9110, sections 5.1, 5.5, 5.6.2 and 7.6.1. */
final class Fields {
    private static final List<String> METHODS =
            List.of("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "CONNECT");
    private static final Set<String> HOP_BY_HOP = Set.of(
            "connection", "keep-alive", "proxy-connection", "te", "trailer", "upgrade", "http2-settings", "expect");

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
        if (name.equals("host")) {
            throw new InvalidText("not a field to edit", "host-header of the route, which says what Host is", null);
        }
        if (name.equals("content-length") || name.equals("transfer-encoding")) {
            throw new InvalidText("not a field to edit", "nothing: Weir frames every message itself", null);
        }
        if (HOP_BY_HOP.contains(name)) {
            throw new InvalidText(
                    "not a field to edit", "nothing: it concerns one connection and Weir sets it itself", null);
        }
        return name;
    }

    private static String parseValue(String text) throws InvalidText {
        // Anything above ASCII has no agreed encoding in a field, and cut to a byte it could become a line end.
        if (!text.chars().allMatch(c -> c == '\t' || c >= ' ' && c <= '~')) {
            throw InvalidText.plain();
        }
        return text.strip();
    }
}
