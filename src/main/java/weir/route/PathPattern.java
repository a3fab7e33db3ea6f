package weir.route;

import com.google.re2j.Pattern;
import org.jspecify.annotations.Nullable;
import weir.config.RouteConfig;
import weir.http.PathNormalizer;
import weir.http.RequestHead;
import weir.http.Span;

/**
 * What a route asks of the path. Literal paths are in normalised form, as paths of requests are. A prefix ends at a
 * segment's border: {@code /a} matches {@code /a} and {@code /a/x}, {@code /a/} matches {@code /a/} and {@code /a/x}.
 * Immutable.
 *
 * @param text the path or expression; empty for every path
 */
record PathPattern(Kind kind, String text, @Nullable Pattern expression) {
    enum Kind {
        EVERY,
        PREFIX,
        EXACT,
        EXPRESSION
    }

    /** The pattern of a route; an {@link IllegalArgumentException} says what is wrong with it. */
    static PathPattern of(RouteConfig config) {
        String prefix = config.path();
        String exact = config.exactPath();
        String regex = config.pathRegex();
        if (exact != null) {
            return new PathPattern(Kind.EXACT, literal(config, "exact-path", exact), null);
        }
        if (regex != null) {
            return new PathPattern(Kind.EXPRESSION, regex, expression(config, regex));
        }
        String path = prefix == null ? "/" : literal(config, "path", prefix);
        return path.equals("/") ? new PathPattern(Kind.EVERY, "", null) : new PathPattern(Kind.PREFIX, path, null);
    }

    static String literal(RouteConfig config, String key, String path) {
        String normal = PathNormalizer.normalize(path);
        if (normal == null) {
            throw new IllegalArgumentException(
                    config.location() + ": " + key + ": " + path + " (expected: a path that begins with /)");
        }
        return normal;
    }

    private static Pattern expression(RouteConfig config, String regex) {
        try {
            return Pattern.compile(regex);
        } catch (com.google.re2j.PatternSyntaxException e) {
            throw new IllegalArgumentException(
                    config.location() + ": path-regex: " + regex + " (expected: an RE2 expression: "
                            + e.getDescription() + ')',
                    e);
        }
    }

    boolean finds(CharSequence path) {
        return expression != null
                && path.charAt(0) == '/'
                && expression.matcher(path).find();
    }

    /** Whether the path of the request matches; for those who explain, the index is quicker. */
    boolean matches(RequestHead head) {
        Span span = head.path();
        String path = head.text(span);
        return switch (kind) {
            case EVERY -> true;
            case EXACT -> path.equals(text);
            case EXPRESSION -> finds(path);
            case PREFIX ->
                path.startsWith(text)
                        && (text.endsWith("/") || path.length() == text.length() || path.charAt(text.length()) == '/');
        };
    }
}
