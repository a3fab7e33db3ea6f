package weir.discovery;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.http.client.methods.HttpUriRequest;
import org.jspecify.annotations.Nullable;

/**
 * One request to Consul. Put together by one thread and sent once; {@link #abort} from any thread.
 */
public final class ConsulRequest {
    private static final Duration PLAIN_TIMEOUT = Duration.ofSeconds(10);

    /** What the agent adds at most to the wait of a blocking query, as a part of it. */
    private static final int WAIT_JITTER_PART = 16;

    private final Method method;
    private final String path;
    private final List<String> parameters = new ArrayList<>();
    private final @Nullable String body;
    private Duration timeout = PLAIN_TIMEOUT;
    private @Nullable HttpUriRequest onTheWire;
    private boolean aborted;
    private boolean expired;

    /** The methods of Consul's API. */
    enum Method {
        GET,
        PUT,
        POST,
        DELETE
    }

    private ConsulRequest(Method method, String path, @Nullable String body) {
        this.method = method;
        this.path = path;
        this.body = body;
    }

    /** Reads; {@code path} as in {@code /v1/catalog/services}, its segments encoded by {@link #segment}. */
    public static ConsulRequest get(String path) {
        return new ConsulRequest(Method.GET, path, null);
    }

    /** Writes. */
    public static ConsulRequest put(String path, String body) {
        return new ConsulRequest(Method.PUT, path, body);
    }

    /** Asks with a body. */
    static ConsulRequest post(String path, String body) {
        return new ConsulRequest(Method.POST, path, body);
    }

    /** Deletes. */
    public static ConsulRequest delete(String path) {
        return new ConsulRequest(Method.DELETE, path, null);
    }

    /** A name as one segment of a path. */
    public static String segment(String name) {
        return URLEncoder.encode(name, StandardCharsets.UTF_8).replace("+", "%20");
    }

    /** Adds a parameter without value. */
    public ConsulRequest with(String parameter) {
        parameters.add(parameter);
        return this;
    }

    /** Adds a parameter; nothing when its value is null. */
    public ConsulRequest with(String parameter, @Nullable String value) {
        if (value != null) {
            parameters.add(parameter + '=' + segment(value));
        }
        return this;
    }

    /** Makes it a blocking query: answered once something is newer than the index, or after the wait. */
    public ConsulRequest blocking(long index, Duration wait) {
        timeout = wait.plus(wait.dividedBy(WAIT_JITTER_PART)).plus(PLAIN_TIMEOUT);
        return with("index", Long.toString(index)).with("wait", wait.toMillis() + "ms");
    }

    /** Gives up: who sends it gets a failure. Any thread. */
    public synchronized void abort() {
        aborted = true;
        if (onTheWire != null) {
            onTheWire.abort();
        }
    }

    /** Gives up because the answer trickles in too slowly. */
    synchronized void expire() {
        expired = true;
        abort();
    }

    synchronized boolean expired() {
        return expired;
    }

    synchronized boolean aborted() {
        return aborted;
    }

    /** Takes what {@link #abort} has to break off; false when it has come before. */
    synchronized boolean sending(HttpUriRequest request) {
        onTheWire = request;
        return !aborted;
    }

    Method method() {
        return method;
    }

    String path() {
        return path;
    }

    List<String> parameters() {
        return parameters;
    }

    @Nullable
    String body() {
        return body;
    }

    /** How long the socket may stay silent. */
    Duration timeout() {
        return timeout;
    }
}
