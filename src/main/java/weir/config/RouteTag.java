package weir.config;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A tag of a service that asks for a route: {@code weir.route=host/path}, or fabio's {@code urlprefix-host/path}, either
 * with the option {@code strip=/prefix} behind a space. Immutable. Source: fabio's documentation, "Quickstart" and
 * "Config Options".
 *
 * @param host as in {@link RouteConfig#host()}; null for every host
 * @param path a prefix on segment borders
 * @param stripPrefix null for none
 */
public record RouteTag(
        @Nullable String host, String path, @Nullable String stripPrefix) {
    private static final String OWN = "weir.route=";
    private static final String FABIO = "urlprefix-";
    private static final String STRIP = "strip=";

    /** Whether a tag asks for a route at all, rightly or not. */
    public static boolean is(String tag) {
        return tag.startsWith(OWN) || tag.startsWith(FABIO);
    }

    /**
     * Reads such a tag.
     *
     * @throws IllegalArgumentException with what is wrong, for people
     */
    public static RouteTag parse(String tag) {
        String[] words = tag.substring((tag.startsWith(OWN) ? OWN : FABIO).length())
                .strip()
                .split("\\s+");
        String target = words[0];
        int slash = target.indexOf('/');
        String host = slash < 0 ? target : target.substring(0, slash);
        if (host.indexOf(':') >= 0) {
            throw wrong(target, "a port: routes are found by host and path, whatever the listener");
        }
        if (slash < 0) {
            throw wrong(target, "no path (expected: host/path, or /path for every host)");
        }
        String strip = null;
        for (int i = 1; i < words.length; i++) {
            if (words[i].startsWith(STRIP)) {
                strip = path(words[i].substring(STRIP.length()));
            } else if (!words[i].equals("proto=http")) {
                throw wrong(words[i], "not supported (expected: strip=/prefix, or nothing)");
            }
        }
        return new RouteTag(host.isEmpty() ? null : host(host), path(target.substring(slash)), strip);
    }

    private static String host(String text) {
        return parsed(Addresses.MATCHED_HOST, text).toLowerCase(Locale.ROOT);
    }

    private static String path(String text) {
        return parsed(Targets.PATH, text);
    }

    private static String parsed(TextType<String> type, String text) {
        try {
            return type.parser().parse(text);
        } catch (InvalidText e) {
            String expected = e.expected() != null ? e.expected() : type.expected();
            String meant = e.suggestion() == null ? "" : "; did you mean " + e.suggestion() + '?';
            String detail = e.detail().isEmpty() ? "" : e.detail() + ' ';
            throw wrong(text, detail + "(expected: " + expected + meant + ')');
        }
    }

    private static IllegalArgumentException wrong(String text, String why) {
        return new IllegalArgumentException(Problem.shown(text) + ": " + why);
    }

    /** Host and path, by which requests find the route; no two routes from tags share them. */
    public String target() {
        return (host == null ? "" : host) + path;
    }
}
