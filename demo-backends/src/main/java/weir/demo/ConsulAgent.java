package weir.demo;

import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The three calls of a Consul agent's HTTP API that a service needs. Thread-safe; calls block. */
final class ConsulAgent {
    private static final Duration TIMEOUT = Duration.ofSeconds(2);

    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(TIMEOUT)
            .build();
    private final URI base;
    private final @Nullable String token;

    /**
     * @param base the agent's URL, ending in a slash
     * @param token sent as {@code X-Consul-Token} unless null or empty
     */
    ConsulAgent(URI base, @Nullable String token) {
        this.base = base;
        this.token = token;
    }

    /** Tells whether the agent knows a service of this id. */
    boolean knows(String id) throws IOException, InterruptedException {
        int status = send("GET", "service/" + encoded(id), BodyPublishers.noBody());
        if (status != 404) {
            expectSuccess(status, "look-up");
        }
        return status != 404;
    }

    void register(ConsulService service, boolean again) throws IOException, InterruptedException {
        expectSuccess(send("PUT", "service/register", BodyPublishers.ofString(service.json(again))), "registration");
    }

    void deregister(String id) throws IOException, InterruptedException {
        int status = send("PUT", "service/deregister/" + encoded(id), BodyPublishers.noBody());
        if (status != 404) {
            expectSuccess(status, "deregistration");
        }
    }

    private int send(String method, String path, BodyPublisher body) throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(base.resolve("v1/agent/" + path))
                .timeout(TIMEOUT)
                .method(method, body);
        if (token != null && !token.isEmpty()) {
            request.header("X-Consul-Token", token);
        }
        return client.send(request.build(), HttpResponse.BodyHandlers.discarding())
                .statusCode();
    }

    private static void expectSuccess(int status, String call) throws IOException {
        if (status < 200 || status > 299) {
            throw new IOException(call + " answered " + status);
        }
    }

    private static String encoded(String id) {
        return URLEncoder.encode(id, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
