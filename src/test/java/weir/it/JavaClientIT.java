package weir.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import weir.testing.BackendSocket;
import weir.testing.RawHead;
import weir.testing.RequiresTool;
import weir.testing.ScriptedBackend;
import weir.testing.SiteCertificates;
import weir.testing.TlsClient;
import weir.testing.WeirProcess;
import weir.testing.WithWeir;

/** Java's own client, which asks for HTTP/2 wherever it may. */
@WithWeir
@RequiresTool("openssl")
@Timeout(60)
final class JavaClientIT {
    @TempDir
    private static Path files;

    private final WeirProcess weir;

    JavaClientIT(WeirProcess weir) {
        this.weir = weir;
    }

    @BeforeAll
    static void makeCertificates() throws Exception {
        new SiteCertificates(files).site("l", "ec", 30, "localhost");
    }

    private static void echo(BackendSocket connection) throws IOException {
        for (String head = connection.readHead(); head != null; head = connection.readHead()) {
            connection.send(ScriptedBackend.ok(RawHead.target(head) + " " + connection.readBody(head)));
        }
    }

    private static String app(ScriptedBackend backend) {
        return """
                routes: [{path: /, service: app}]
                services: {app: {backends: [%s]}}
                """.formatted(backend.address());
    }

    private void useTls(ScriptedBackend backend) throws IOException, InterruptedException {
        weir.use("""
                listeners:
                  web: {address: "127.0.0.1:0", tls: {certificates: [{certificate: %1$s/l.pem, key: %1$s/l.key}]}}
                """.formatted(files) + app(backend));
    }

    private static HttpRequest post(String url, String body) {
        return HttpRequest.newBuilder(URI.create(url))
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
    }

    @Test
    void speaksHttp2OverTlsWithManyRequestsAtOnce() throws Exception {
        String body = "b".repeat(50_000);
        try (ScriptedBackend backend = ScriptedBackend.start(JavaClientIT::echo)) {
            useTls(backend);
            HttpClient client = HttpClient.newBuilder()
                    .sslContext(new TlsClient(files.resolve("ca.pem")).context())
                    .build();
            String url = "https://localhost:" + weir.port();
            assertEquals(
                    "/first " + body,
                    client.send(post(url + "/first", body), HttpResponse.BodyHandlers.ofString())
                            .body());
            List<CompletableFuture<HttpResponse<String>>> answers = IntStream.range(0, 40)
                    .mapToObj(
                            i -> client.sendAsync(post(url + "/java-" + i, body), HttpResponse.BodyHandlers.ofString()))
                    .toList();
            for (int i = 0; i < answers.size(); i++) {
                HttpResponse<String> answer = answers.get(i).join();
                assertEquals(HttpClient.Version.HTTP_2, answer.version());
                assertEquals("/java-" + i + " " + body, answer.body());
            }
            String peer = weir.awaitLog("/first").get("peer").getAsString();
            assertEquals(peer, weir.awaitLog("/java-39").get("peer").getAsString());
            assertEquals("HTTP/2.0", weir.awaitLog("/java-39").get("protocol").getAsString());
        }
    }

    @Test
    void staysWithHttp1InTheClearThoughItAsksForAnUpgrade() throws Exception {
        try (ScriptedBackend backend = ScriptedBackend.start(JavaClientIT::echo)) {
            weir.use(app(backend));
            HttpClient client = HttpClient.newHttpClient();
            String url = "http://localhost:" + weir.port();
            for (String path : new String[] {"/upgrade-1", "/upgrade-2"}) {
                HttpResponse<String> answer =
                        client.send(post(url + path, "body"), HttpResponse.BodyHandlers.ofString());
                assertEquals(HttpClient.Version.HTTP_1_1, answer.version());
                assertEquals(path + " body", answer.body());
                assertEquals("HTTP/1.1", weir.awaitLog(path).get("protocol").getAsString());
            }
            assertEquals(2, backend.requests().size());
            for (String request : backend.requests()) {
                assertNull(RawHead.value(request, "upgrade"), request);
                assertNull(RawHead.value(request, "http2-settings"), request);
            }
        }
    }

    @Test
    void getsAnAnswerOfManyWindows() throws Exception {
        String large = "0123456789abcdef".repeat(300_000);
        try (ScriptedBackend backend = ScriptedBackend.saying(large)) {
            useTls(backend);
            HttpClient client = HttpClient.newBuilder()
                    .sslContext(new TlsClient(files.resolve("ca.pem")).context())
                    .build();
            HttpResponse<String> answer = client.send(
                    HttpRequest.newBuilder(URI.create("https://localhost:" + weir.port() + "/large"))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            assertEquals(HttpClient.Version.HTTP_2, answer.version());
            assertTrue(large.equals(answer.body()), () -> answer.body().length() + " bytes");
        }
    }
}
