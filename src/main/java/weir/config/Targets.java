package weir.config;

import com.google.re2j.PatternSyntaxException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Paths to match and places to redirect to. */
final class Targets {
    private static final List<String> VARIABLES = List.of("scheme", "host", "path", "query");
    private static final Pattern BRACES = Pattern.compile("\\{([^{}]*)\\}|[{}]");
    private static final Pattern START =
            Pattern.compile("/.*|([A-Za-z][A-Za-z0-9+.-]*|\\{scheme\\})://[^/].*|\\{path\\}.*");
    private static final Pattern DOT_SEGMENT = Pattern.compile("/(\\.|%2[eE]){1,2}(/|$)");
    private static final Pattern ENCODED = Pattern.compile("%([0-9A-Fa-f]{2})?");

    static final TextType<String> PATH = TextType.of(
            "path",
            "a path that begins with /",
            Targets::parsePath,
            text -> text,
            Map.of("type", "string", "pattern", "^/"));

    /** Compiled with RE2/J, whose time is linear whatever the pattern. */
    static final TextType<String> PATH_REGEX =
            TextType.of("path-regex", "a regular expression (RE2 syntax)", Targets::parseRegex);

    /** Where a health check asks: a path, and a query if need be. */
    static final TextType<String> CHECK_PATH = TextType.of(
            "check-path",
            "a path that begins with /, in printable ASCII without spaces",
            Targets::parseCheckPath,
            text -> text,
            Map.of("type", "string", "pattern", "^/"));

    static final TextType<String> REDIRECT_TO = TextType.of(
            "redirect-to",
            "a URL or a path, which may hold {scheme}, {host}, {path} and {query}",
            Targets::parseRedirect);

    private Targets() {}

    private static boolean isPrintable(String text) {
        return text.chars().allMatch(c -> c > ' ' && c <= '~');
    }

    /** Only paths in the normal form that requests are matched in: another one would never match. */
    private static String parsePath(String text) throws InvalidText {
        if (!text.startsWith("/")) {
            throw InvalidText.meaning(
                    isPrintable(text) && !text.contains("://") && !text.isEmpty() ? '/' + text : null);
        }
        if (text.chars().anyMatch(Character::isISOControl)) {
            throw InvalidText.because("control characters never match");
        }
        if (text.indexOf('?') >= 0 || text.indexOf('#') >= 0) {
            throw InvalidText.because("a query or fragment is no part of the path");
        }
        if (DOT_SEGMENT.matcher(text).find()) {
            throw InvalidText.because("dot segments are removed before matching, so this never matches");
        }
        String normal = decodeUnreserved(encode(text));
        if (!normal.equals(text)) {
            throw new InvalidText("requests never have this form when they are matched", null, normal);
        }
        return text;
    }

    private static String encode(String text) {
        StringBuilder encoded = new StringBuilder(text.length());
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            if (b > ' ' && b <= '~') {
                encoded.append((char) b);
            } else {
                encoded.append('%')
                        .append(Integer.toHexString(0x100 | b & 0xff)
                                .substring(1)
                                .toUpperCase(Locale.ROOT));
            }
        }
        return encoded.toString();
    }

    private static String decodeUnreserved(String text) throws InvalidText {
        Matcher matcher = ENCODED.matcher(text);
        StringBuilder decoded = new StringBuilder(text.length());
        while (matcher.find()) {
            if (matcher.group(1) == null) {
                throw InvalidText.because("% without two hexadecimal digits");
            }
            int c = Integer.parseInt(matcher.group(1), 16);
            boolean unreserved = c < 0x80 && (Character.isLetterOrDigit(c) || "-._~".indexOf(c) >= 0);
            matcher.appendReplacement(decoded, unreserved ? Matcher.quoteReplacement(Character.toString(c)) : "$0");
        }
        return matcher.appendTail(decoded).toString();
    }

    private static String parseRegex(String text) throws InvalidText {
        try {
            com.google.re2j.Pattern.compile(text);
            return text;
        } catch (PatternSyntaxException e) {
            throw InvalidText.because(e.getDescription());
        }
    }

    private static String parseCheckPath(String text) throws InvalidText {
        if (!text.startsWith("/") || !isPrintable(text) || text.indexOf('#') >= 0) {
            throw InvalidText.meaning(
                    !text.isEmpty() && isPrintable(text) && !text.contains("://") && !text.startsWith("/")
                            ? '/' + text
                            : null);
        }
        return text;
    }

    private static String parseRedirect(String text) throws InvalidText {
        if (!isPrintable(text)) {
            throw InvalidText.because("only printable ASCII without spaces");
        }
        Matcher braces = BRACES.matcher(text);
        while (braces.find()) {
            @Nullable String variable = braces.group(1);
            if (variable == null) {
                throw InvalidText.because("a brace without its partner");
            }
            if (!VARIABLES.contains(variable)) {
                String meant = Suggestion.nearest(variable, VARIABLES);
                throw new InvalidText(
                        "{" + Problem.shown(variable) + "}: unknown variable",
                        null,
                        meant == null ? null : '{' + meant + '}');
            }
        }
        if (!START.matcher(text).matches()) {
            throw InvalidText.meaning(text.startsWith("{host}") ? "{scheme}://" + text : null);
        }
        return text;
    }
}
