package weir.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import weir.testing.Await;
import weir.testing.BackendSocket;
import weir.testing.FreePort;
import weir.testing.Http3Client;
import weir.testing.Http3ClientRequest;
import weir.testing.Load;
import weir.testing.RawClient;
import weir.testing.RawHead;
import weir.testing.RawResponse;
import weir.testing.RequiresTool;
import weir.testing.ScriptedBackend;
import weir.testing.SiteCertificates;
import weir.testing.TlsClient;
import weir.testing.WebSocketEcho;
import weir.testing.WebSocketMessages;
import weir.testing.WeirLaunch;
import weir.testing.WeirProcess;

/**
 * Weir as {@code java -jar weir.jar run}, without the flags of {@code bin/weir}: from Java 24 on Netty then has other code
 * for its buffers, without {@code sun.misc.Unsafe}. Every protocol carries bodies both ways; closing looks for leaks.
 */
@RequiresTool("openssl")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(120)
final class PlainJarIT {
    private static final int BODY = 300_000;
    private static final Duration START = Duration.ofSeconds(60);

    @TempDir
    private static Path files;

    private ScriptedBackend backend;
    private WeirProcess weir;

    @BeforeAll
    void start() throws Exception {
        new SiteCertificates(files).site("l", "ec", 30, "localhost");
        backend = ScriptedBackend.start(PlainJarIT::serve);
        weir = launch(FreePort.take());
    }

    @AfterAll
    void drain() throws Exception {
        try {
            weir.close();
        } finally {
            backend.close();
        }
    }

    /** Waits longer than other tests: with every compiler at work and each buffer watched, a start on a busy machine is slow. */
    private WeirProcess launch(int port) throws Exception {
        WeirProcess process = new WeirLaunch(config(port, 1)).plain().threads(2).startUnready();
        try {
            Await.until(() -> process.stderrText().contains("ready in "), START, process::stderrText);
        } catch (AssertionError late) {
            process.signal("KILL");
            throw late;
        }
        return process;
    }

    private static void serve(BackendSocket connection) throws IOException {
        for (String head = connection.readHead(); head != null; head = connection.readHead()) {
            if (RawHead.value(head, "upgrade") != null) {
                WebSocketEcho.serve(connection, head);
                return;
            }
            connection.send(ScriptedBackend.ok(RawHead.target(head) + " " + connection.readBody(head)));
        }
    }

    private String config(int port, int version) {
        return """
                listeners:
                  web: {address: "127.0.0.1:%4$d"}
                  tls: {address: "127.0.0.1:0", http3: true, tls: {certificates: [{certificate: %1$s/l.pem, key: %1$s/l.key}]}}
                routes: [{path: /version, respond: {status: 200, body: "%2$d"}}, {path: /, service: app}]
                services: {app: {backends: [%3$s]}}
                """.formatted(files, version, backend.address(), port);
    }

    private void isLogged(String path, String protocol) throws InterruptedException {
        assertEquals(protocol, weir.awaitLog(path).get("protocol").getAsString());
    }

    @Test
    void carriesBodiesOverHttp1InTheClearAndOverTls() throws Exception {
        String body = "b".repeat(BODY);
        String request = "POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + BODY + "\r\n\r\n" + body;
        try (RawClient client = RawClient.connect(weir.port());
                RawClient tls = new TlsClient(files.resolve("ca.pem")).raw(weir.port("tls"), "localhost")) {
            for (Map.Entry<String, RawClient> one :
                    Map.of("/clear", client, "/tls", tls).entrySet()) {
                for (int i = 0; i < 3; i++) {
                    RawResponse response =
                            one.getValue().send(request.formatted(one.getKey())).read();
                    assertEquals(200, response.status());
                    assertEquals(one.getKey() + " " + body, response.body());
                }
                isLogged(one.getKey(), "HTTP/1.1");
            }
        }
    }

    @Test
    void carriesManyBodiesAtOnceOverHttp2() throws Exception {
        String body = "b".repeat(BODY);
        HttpClient client = HttpClient.newBuilder()
                .sslContext(new TlsClient(files.resolve("ca.pem")).context())
                .build();
        HttpRequest request = HttpRequest.newBuilder(URI.create("https://localhost:" + weir.port("tls") + "/http2"))
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
        Stream<CompletableFuture<HttpResponse<String>>> answers = IntStream.range(0, 10)
                .mapToObj(i -> client.sendAsync(request, HttpResponse.BodyHandlers.ofString()))
                .toList()
                .stream();
        assertTrue(answers.allMatch(answer -> answer.join().body().equals("/http2 " + body)));
        isLogged("/http2", "HTTP/2.0");
    }

    @Test
    void carriesBodiesOverHttp3() throws Exception {
        String body = "b".repeat(BODY);
        try (Http3Client client = Http3Client.connect(weir.port("tls"), files.resolve("ca.pem"), "localhost")) {
            for (int i = 0; i < 3; i++) {
                Http3ClientRequest request = client.open();
                request.head(false, ":method: POST", ":scheme: https", ":authority: localhost", ":path: /http3");
                request.data(body, true).awaitEnd();
                assertEquals(200, request.status());
                assertEquals("/http3 " + body, request.body());
            }
        }
        isLogged("/http3", "HTTP/3.0");
    }

    @Test
    void tunnelsWebSocketFrames() throws Exception {
        WebSocketMessages messages = new WebSocketMessages();
        WebSocket socket = messages.open(weir.port(), "/websocket");
        for (String text : new String[] {"hello", "x".repeat(20_000)}) {
            socket.sendText(text, true).get(20, TimeUnit.SECONDS);
            assertEquals(text, messages.next());
        }
        socket.sendClose(WebSocket.NORMAL_CLOSURE, "").get(20, TimeUnit.SECONDS);
        assertEquals("closed 1000", messages.next());
        isLogged("/websocket", "HTTP/1.1");
    }

    @Test
    void reloadsAndDrainsUnderLoad() throws Exception {
        int port = FreePort.take();
        try (WeirProcess other =
                        new WeirLaunch(config(port, 1)).plain().threads(2).start();
                Load load = Load.start(other.port(), "/load", 4)) {
            load.awaitMore(50);
            other.use(config(port, 2));
            assertEquals("2", RawClient.get(other.port(), "/version").body());
            load.awaitMore(50);
            other.signal("TERM");
            assertEquals(0, other.awaitExit());
            load.finish();
            assertTrue(load.failures().isEmpty(), () -> load.failures().toString());
            ReloadIT.assertLoggedOnce(other, load);
        }
    }
}
