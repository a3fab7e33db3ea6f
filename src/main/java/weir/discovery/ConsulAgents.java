package weir.discovery;

import com.ecwid.consul.transport.HttpResponse;
import com.ecwid.consul.transport.TransportException;
import com.ecwid.consul.v1.ConsulRawClient;
import com.ecwid.consul.v1.Request;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.http.client.methods.HttpPost;
import org.apache.http.conn.ConnectTimeoutException;
import org.apache.http.entity.ContentType;
import org.apache.http.entity.StringEntity;
import org.apache.http.util.EntityUtils;
import org.jspecify.annotations.Nullable;
import weir.config.Address;
import weir.config.ConsulConfig;
import weir.config.FailureText;

/**
 * The way to Consul's HTTP API: the agents of the configuration, tried in turn, with token and TLS. One that fails is
 * left for the next one, which is then asked first. The token goes as {@code X-Consul-Token}, never in the URL.
 * Thread-safe; requests block the caller.
 */
public final class ConsulAgents implements AutoCloseable {
    /** Connections for short requests beside the watches. */
    private static final int SPARE_CONNECTIONS = 8;

    /** How long an answer may trickle in beyond the silence that its socket allows. */
    private static final long TRICKLE_MILLIS = 10_000;

    private final List<Address> addresses;
    private final boolean tls;
    private final ConsulToken token;
    private final ConsulConnections connections;
    private final ConsulCounters counters;
    private final AtomicInteger first = new AtomicInteger();
    private final ScheduledThreadPoolExecutor deadlines =
            new ScheduledThreadPoolExecutor(1, new DefaultThreadFactory("weir-consul-deadlines", true));

    /**
     * Opens nothing yet but files.
     *
     * @param environment for the token when the configuration names no file
     * @throws IOException when TLS files cannot be used, with a message for people
     */
    public ConsulAgents(ConsulConfig config, Map<String, String> environment, ConsulCounters counters)
            throws IOException {
        this.addresses = config.addresses();
        this.tls = config.tls() != null;
        this.token = ConsulToken.of(config.tokenFile(), environment);
        this.connections = new ConsulConnections(config.tls(), config.maxConnections() + SPARE_CONNECTIONS);
        this.counters = counters;
        deadlines.setRemoveOnCancelPolicy(true);
    }

    /**
     * Sends a request and waits for the answer. A token that is refused is read again, and where it has changed the
     * request is sent once more. Reads, and writes that no agent has taken, are tried on every agent.
     *
     * @throws ConsulFailure when there is no answer, or one that is neither 2xx nor 404
     */
    public ConsulReply send(ConsulRequest request) throws ConsulFailure {
        try {
            ConsulReply reply = sendWithToken(request);
            counters.answered();
            return reply;
        } catch (ConsulFailure e) {
            counters.failed(e.kind());
            throw e;
        }
    }

    ConsulCounters counters() {
        return counters;
    }

    private ConsulReply sendWithToken(ConsulRequest request) throws ConsulFailure {
        String used = token.current();
        try {
            return sendInTurn(request, used);
        } catch (ConsulFailure e) {
            String now = token.current();
            if (e.kind() == ConsulFailure.Kind.REFUSED && now != null && !now.equals(used)) {
                return sendInTurn(request, now);
            }
            throw e;
        }
    }

    private ConsulReply sendInTurn(ConsulRequest request, @Nullable String withToken) throws ConsulFailure {
        int start = first.get();
        for (int i = 0; ; i++) {
            int agent = (start + i) % addresses.size();
            try {
                ConsulReply reply = sendTo(addresses.get(agent), request, withToken);
                if (i > 0) {
                    first.compareAndSet(start, agent);
                }
                return reply;
            } catch (ConsulFailure e) {
                if (i + 1 >= addresses.size() || !mayTryNext(request, e)) {
                    if (e.kind() == ConsulFailure.Kind.TIMEOUT) {
                        first.compareAndSet(start, (agent + 1) % addresses.size());
                    }
                    throw e;
                }
            }
        }
    }

    private static boolean mayTryNext(ConsulRequest request, ConsulFailure e) {
        return switch (e.kind()) {
            case UNREACHABLE, UNAVAILABLE -> request.method() == ConsulRequest.Method.GET;
            default -> false;
        };
    }

    private ConsulReply sendTo(Address agent, ConsulRequest request, @Nullable String withToken) throws ConsulFailure {
        String where = (tls ? "https://" : "http://") + bracketed(agent.host());
        ConsulExchange exchange = new ConsulExchange(connections.client(), request);
        ScheduledFuture<?> deadline = deadlines.schedule(
                request::expire, request.timeout().toMillis() + TRICKLE_MILLIS, TimeUnit.MILLISECONDS);
        HttpResponse response;
        try {
            response = request.method() == ConsulRequest.Method.POST
                    ? post(exchange, where + ':' + agent.port(), request, withToken)
                    : exchange(new ConsulRawClient(where, agent.port(), exchange), request, withToken);
        } catch (TransportException e) {
            connections.failed(e.getCause());
            throw failure(agent, request, e.getCause());
        } catch (RuntimeException | IOException e) {
            throw failure(agent, request, e);
        } finally {
            deadline.cancel(false);
        }
        return reply(agent, response, exchange.filteredByAcls());
    }

    private static HttpResponse exchange(ConsulRawClient client, ConsulRequest request, @Nullable String withToken) {
        Request.Builder message =
                Request.Builder.newBuilder().setEndpoint(request.path()).setToken(withToken);
        request.parameters().forEach(parameter -> message.addUrlParameter(() -> List.of(parameter)));
        if (request.body() != null) {
            // consul-api sends nothing else with a PUT.
            message.setBinaryContent(request.body().getBytes(StandardCharsets.UTF_8));
        }
        return switch (request.method()) {
            case PUT -> client.makePutRequest(message.build());
            case DELETE -> client.makeDeleteRequest(message.build());
            default -> client.makeGetRequest(message.build());
        };
    }

    /** consul-api has no POST, which one question about a token needs. */
    private static HttpResponse post(
            ConsulExchange exchange, String agent, ConsulRequest request, @Nullable String withToken)
            throws IOException {
        String query = request.parameters().isEmpty() ? "" : '?' + String.join("&", request.parameters());
        HttpPost message = new HttpPost(agent + request.path() + query);
        if (withToken != null) {
            message.setHeader("X-Consul-Token", withToken);
        }
        message.setEntity(new StringEntity(String.valueOf(request.body()), ContentType.APPLICATION_JSON));
        return exchange.execute(
                message,
                response -> new HttpResponse(
                        response.getStatusLine().getStatusCode(),
                        response.getStatusLine().getReasonPhrase(),
                        EntityUtils.toString(response.getEntity()),
                        null,
                        null,
                        null));
    }

    private static ConsulReply reply(Address agent, HttpResponse response, boolean filteredByAcls)
            throws ConsulFailure {
        int status = response.getStatusCode();
        if (status / 100 == 2 || status == 404) {
            Long index = response.getConsulIndex();
            return new ConsulReply(
                    status,
                    response.getContent(),
                    index == null ? 0 : Math.max(1, index),
                    !Boolean.FALSE.equals(response.isConsulKnownLeader()),
                    filteredByAcls);
        }
        String said = String.valueOf(response.getContent()).strip();
        String message = agent + " answers " + status + (said.isEmpty() ? "" : ": " + firstLine(said));
        if (status == 401 || status == 403) {
            throw new ConsulFailure(ConsulFailure.Kind.REFUSED, message);
        }
        boolean passing = status >= 500 || status == 429;
        throw new ConsulFailure(passing ? ConsulFailure.Kind.UNAVAILABLE : ConsulFailure.Kind.REJECTED, message);
    }

    private static ConsulFailure failure(Address agent, ConsulRequest request, Throwable cause) {
        if (request.expired()) {
            return new ConsulFailure(ConsulFailure.Kind.TIMEOUT, agent + ": no whole answer in time");
        }
        if (request.aborted()) {
            return new ConsulFailure(ConsulFailure.Kind.ABORTED, agent + ": given up");
        }
        if (cause instanceof ConnectTimeoutException || cause instanceof UnknownHostException) {
            return new ConsulFailure(ConsulFailure.Kind.UNREACHABLE, agent + ": " + FailureText.of(cause));
        }
        if (cause instanceof SocketTimeoutException) {
            return new ConsulFailure(ConsulFailure.Kind.TIMEOUT, agent + ": no answer in time");
        }
        String message = cause instanceof ConnectException ? "connection refused" : FailureText.of(cause);
        return new ConsulFailure(ConsulFailure.Kind.UNREACHABLE, agent + ": " + firstLine(message));
    }

    private static String firstLine(String text) {
        int end = text.indexOf('\n');
        String line = end < 0 ? text : text.substring(0, end);
        return line.length() > 200 ? line.substring(0, 200) : line;
    }

    private static String bracketed(String host) {
        return host.indexOf(':') >= 0 ? '[' + host + ']' : host;
    }

    /** Closes all connections; requests under way fail. */
    @Override
    public void close() {
        deadlines.shutdownNow();
        connections.close();
    }
}
