package weir.cli;

import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import weir.config.FailureText;
import weir.config.UnreadableFile;

/**
 * The admin API of a running process, seen from the command line. Every failure is an exception whose message is one
 * line for people. Immutable.
 */
final class AdminConnection {
    /** Where a process that was not told otherwise has its admin API. */
    static final String DEFAULT_URL = "http://127.0.0.1:9900";

    /** The variable that names the token file where no option does. */
    static final String TOKEN_VARIABLE = "WEIR_ADMIN_TOKEN_FILE";

    private final URI base;
    private final @Nullable Path tokenFile;

    /**
     * Nothing is connected yet.
     *
     * @throws IllegalArgumentException when that is no URL of a server
     */
    AdminConnection(String url, @Nullable Path tokenFile) {
        URI uri = URI.create(url.endsWith("/") ? url.substring(0, url.length() - 1) : url);
        boolean web = "http".equalsIgnoreCase(uri.getScheme()) || "https".equalsIgnoreCase(uri.getScheme());
        if (!web || uri.getHost() == null || uri.getRawQuery() != null || uri.getRawFragment() != null) {
            throw new IllegalArgumentException("--admin " + url + " (expected: a URL such as " + DEFAULT_URL + ")");
        }
        this.base = uri;
        this.tokenFile = tokenFile;
    }

    /**
     * Reads a path.
     *
     * @return the body of a 200
     * @throws IOException for everything else
     */
    String get(String path) throws IOException {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create(base + path)).timeout(Duration.ofSeconds(10));
        if (tokenFile != null) {
            request.header("authorization", "Bearer " + token(tokenFile));
        }
        // HTTP/1.1 said outright: else the client asks for an upgrade to h2c first.
        HttpClient client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .proxy(HttpClient.Builder.NO_PROXY)
                .connectTimeout(Duration.ofSeconds(2))
                .build();
        HttpResponse<String> response = send(client, request.build());
        if (response.statusCode() != 200) {
            throw new IOException(
                    base + path + " answered " + response.statusCode() + ": " + Reply.error(response.body()));
        }
        return response.body();
    }

    private HttpResponse<String> send(HttpClient client, HttpRequest request) throws IOException {
        try {
            return client.send(request, HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
        } catch (HttpConnectTimeoutException e) {
            throw new IOException("cannot connect to " + base + ": no answer within 2 s", e);
        } catch (HttpTimeoutException e) {
            throw new IOException(base + ": no answer within 10 s", e);
        } catch (ConnectException e) {
            throw new IOException(
                    "cannot connect to " + base + ": is Weir running, and is admin.address that of --admin?", e);
        } catch (IOException e) {
            throw new IOException(base + " does not answer as the admin API: " + FailureText.of(e), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    private static String token(Path file) throws IOException {
        String token;
        try {
            token = Files.readString(file, StandardCharsets.ISO_8859_1).strip();
        } catch (IOException e) {
            throw new IOException("token file " + UnreadableFile.line(file, e), e);
        }
        if (token.isEmpty() || !token.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
            throw new IOException("token file " + file + ": (expected: one token of visible characters)");
        }
        return token;
    }
}
