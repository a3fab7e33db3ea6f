package weir.demo;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;

/** The HTTP client of these tests. */
final class Client {
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    private Client() {}

    static HttpResponse<String> get(int port, String path) throws IOException, InterruptedException {
        return send(port, path, HttpRequest.newBuilder().GET());
    }

    static HttpResponse<String> post(int port, String path, String body) throws IOException, InterruptedException {
        return send(port, path, HttpRequest.newBuilder().POST(HttpRequest.BodyPublishers.ofString(body)));
    }

    static HttpResponse<String> send(int port, String path, HttpRequest.Builder request)
            throws IOException, InterruptedException {
        return HTTP.send(
                request.uri(URI.create("http://127.0.0.1:" + port + path))
                        .timeout(Duration.ofSeconds(10))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }
}
