package weir.config;

import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A match and what follows from it. Immutable. Exactly one of {@code service}, {@code redirect} and {@code respond}
 * is set; at most one of {@code path}, {@code exactPath} and {@code pathRegex}. An entry without any of them is no route:
 * it marks where the routes from tags stand.
 *
 * @param name how logs, metrics and the admin API call the route: {@code name:} of the file, else host and path
 * @param host lower case, without port; {@code *.example.com} matches every name below; null matches all
 * @param path a prefix on segment borders
 * @param methods empty matches all
 * @param bodyTimeout how long a client may send nothing of a body before the response begins, 0 for ever; null for that of
 *     {@code limits}
 * @param headers field name in lower case to the value it must have; {@code "*"} asks only for presence
 */
public record RouteConfig(
        String name,
        @Nullable String host,
        @Nullable String path,
        @Nullable String exactPath,
        @Nullable String pathRegex,
        List<String> methods,
        Map<String, String> headers,
        @Nullable String service,
        @Nullable Redirect redirect,
        @Nullable Respond respond,
        @Nullable String stripPrefix,
        HostHeader hostHeader,
        HeaderEdits requestHeaders,
        HeaderEdits responseHeaders,
        @Nullable Duration bodyTimeout,
        Location location) {
    public RouteConfig {
        methods = List.copyOf(methods);
        headers = Collections.unmodifiableMap(new LinkedHashMap<>(headers));
    }

    /** Whether this is the mark {@code from-tags: true}, in whose place the routes from tags stand. */
    public boolean fromTags() {
        return service == null && redirect == null && respond == null;
    }

    /** Whether every request matches. */
    public boolean matchesAll() {
        return host == null
                && (path == null || path.equals("/"))
                && exactPath == null
                && pathRegex == null
                && methods.isEmpty()
                && headers.isEmpty()
                && !fromTags();
    }

    /** The same route under another name. */
    RouteConfig named(String newName) {
        return new RouteConfig(
                newName,
                host,
                path,
                exactPath,
                pathRegex,
                methods,
                headers,
                service,
                redirect,
                respond,
                stripPrefix,
                hostHeader,
                requestHeaders,
                responseHeaders,
                bodyTimeout,
                location);
    }

    /** An answer that sends the client elsewhere; {@code to} may hold {scheme} {host} {path} {query}. */
    public record Redirect(String to, int status) {}

    /** A fixed answer. */
    public record Respond(int status, String body, Map<String, String> headers) {
        public Respond {
            headers = Collections.unmodifiableMap(new LinkedHashMap<>(headers));
        }
    }

    /** What the backend sees as Host. {@code name} is set for {@link HostHeader.Kind#NAME} only. */
    public record HostHeader(Kind kind, @Nullable String name) {
        public static final HostHeader KEEP = new HostHeader(Kind.KEEP, null);

        /** Where the value comes from. */
        public enum Kind {
            KEEP,
            BACKEND,
            NAME
        }
    }

    /** Field operations in the order remove, set, add. Names are in lower case. */
    public record HeaderEdits(Map<String, String> set, Map<String, String> add, List<String> remove) {
        public static final HeaderEdits NONE = new HeaderEdits(Map.of(), Map.of(), List.of());

        public HeaderEdits {
            set = Collections.unmodifiableMap(new LinkedHashMap<>(set));
            add = Collections.unmodifiableMap(new LinkedHashMap<>(add));
            remove = List.copyOf(remove);
        }
    }
}
