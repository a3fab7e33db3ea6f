package weir.route;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import weir.config.RouteConfig;
import weir.config.RouteConfig.HostHeader;
import weir.http.FieldSyntax;
import weir.http.Fields;
import weir.http.RequestHead;
import weir.http.Span;
import weir.service.Service;

/**
 * One route of a table, with all that a request needs of it compiled to bytes. Immutable. Its methods allocate nothing
 * and may be called on every event loop.
 */
public final class Route {
    private static final byte[] NONE = {};

    private final RouteConfig config;
    private final String name;
    private final int number;
    private final @Nullable Service service;
    private final PathPattern pathPattern;
    private final Conditions conditions;
    private final byte[] strippedPrefix;
    private final byte[] hostName;
    private final boolean sendsBackendAsHost;
    private final FieldEdits requestEdits;
    private final FieldEdits responseEdits;
    private final long bodyTimeoutNanos;
    private final @Nullable Redirect redirect;
    private final @Nullable FixedResponse respond;

    /** Compiles a route; an {@link IllegalArgumentException} says with file, line and column what is wrong with it. */
    Route(RouteConfig config, int number, Function<String, @Nullable Service> services) {
        this.config = config;
        this.name = config.name();
        this.number = number;
        String serviceName = config.service();
        service = serviceName == null ? null : services.apply(serviceName);
        pathPattern = PathPattern.of(config);
        conditions = Conditions.of(config.methods(), config.headers());
        strippedPrefix = strippedPrefix(config);
        hostName = hostName(config);
        sendsBackendAsHost = config.hostHeader().kind() == HostHeader.Kind.BACKEND;
        requestEdits = FieldEdits.of(config.requestHeaders(), config.location());
        responseEdits = FieldEdits.of(config.responseHeaders(), config.location());
        Duration timeout = config.bodyTimeout();
        bodyTimeoutNanos = timeout == null ? -1 : timeout.toNanos();
        RouteConfig.Redirect to = config.redirect();
        redirect = to == null ? null : Redirect.of(to, config.location());
        RouteConfig.Respond answer = config.respond();
        respond = answer == null ? null : FixedResponse.of(answer, config.location());
    }

    private static byte[] strippedPrefix(RouteConfig config) {
        String prefix = config.stripPrefix();
        if (prefix == null) {
            return NONE;
        }
        String normal = PathPattern.literal(config, "strip-prefix", prefix);
        String bare = normal.endsWith("/") ? normal.substring(0, normal.length() - 1) : normal;
        return bare.getBytes(StandardCharsets.US_ASCII);
    }

    private static byte[] hostName(RouteConfig config) {
        String name = config.hostHeader().name();
        if (config.hostHeader().kind() != HostHeader.Kind.NAME || name == null) {
            return NONE;
        }
        byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
        for (byte b : bytes) {
            if (!FieldSyntax.isTargetByte(b) || b == '/' || b == '?' || b == '@' || b == ',') {
                throw new IllegalArgumentException(
                        config.location() + ": host-header: " + name + " (expected: keep, backend or a host name)");
            }
        }
        return bytes;
    }

    /** How logs, metrics and the admin API call the route. */
    public String name() {
        return name;
    }

    /** The place in {@link RouteTable#routes()}, from 0 without gaps; another one after a reload. */
    public int number() {
        return number;
    }

    /** What the file says. */
    public RouteConfig config() {
        return config;
    }

    /** Where the route leads; null when it answers by itself, or when the table was made without services. */
    public @Nullable Service service() {
        return service;
    }

    /** The redirect that is the answer, or null. */
    public @Nullable Redirect redirect() {
        return redirect;
    }

    /** The fixed answer, or null. */
    public @Nullable FixedResponse respond() {
        return respond;
    }

    /** What to edit in the request that is forwarded. */
    public FieldEdits requestEdits() {
        return requestEdits;
    }

    /** What to edit in the response, also in one that Weir makes. */
    public FieldEdits responseEdits() {
        return responseEdits;
    }

    /** How long a client may send nothing of a body, 0 for ever; -1 where the route does not say. */
    public long bodyTimeoutNanos() {
        return bodyTimeoutNanos;
    }

    /** Whether the backend's own address is what it sees as Host; then each attempt sets it. */
    public boolean sendsBackendAsHost() {
        return sendsBackendAsHost;
    }

    /**
     * Sets {@link RequestHead#forwardedPath()}, without the prefix to be stripped where the path begins with it, and
     * {@link RequestHead#forwardedHost()} when the route names one. What is forwarded always begins with a slash.
     */
    public void applyRewrite(RequestHead head) {
        Fields fields = head.fields();
        Span path = head.path();
        head.forwardedPath().set(path);
        int n = strippedPrefix.length;
        if (n > 0 && path.length() >= n && startsWith(fields.array(), path.start(), strippedPrefix)) {
            if (path.length() == n) {
                head.forwardedPath().set(path.start(), 1); // the slash it begins with
            } else if (fields.array()[path.start() + n] == '/') {
                head.forwardedPath().set(path.start() + n, path.length() - n);
            }
        }
        if (hostName.length > 0) {
            head.forwardedHost().set(fields.append(hostName, 0, hostName.length), hostName.length);
        }
    }

    private static boolean startsWith(byte[] a, int start, byte[] prefix) {
        return Arrays.equals(a, start, start + prefix.length, prefix, 0, prefix.length);
    }

    PathPattern pathPattern() {
        return pathPattern;
    }

    Conditions conditions() {
        return conditions;
    }

    @Override
    public String toString() {
        return name;
    }
}
