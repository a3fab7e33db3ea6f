package weir.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.net.http.WebSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import weir.testing.Await;
import weir.testing.RawClient;
import weir.testing.RawHead;
import weir.testing.RawResponse;
import weir.testing.ScriptedBackend;
import weir.testing.WebSocketEcho;
import weir.testing.WebSocketMessages;
import weir.testing.WeirProcess;
import weir.testing.WithWeir;

/** WebSocket tunnels (RFC 6455), and every other upgrade refused. */
@WithWeir
@Timeout(60)
final class WebSocketIT {
    private static final String UPGRADE = "GET %s HTTP/1.1\r\nHost: a.test\r\nConnection: Upgrade\r\n"
            + "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

    private final WeirProcess weir;

    WebSocketIT(WeirProcess weir) {
        this.weir = weir;
    }

    private void use(ScriptedBackend backend, String more) throws IOException, InterruptedException {
        weir.use("""
                routes: [{path: /, service: app}]
                services: {app: {backends: [%s], retry: {attempts: 1}%s}}
                """.formatted(backend.address(), more));
    }

    private WebSocket open(String path, WebSocketMessages messages) throws InterruptedException {
        return messages.open(weir.port(), path);
    }

    @Test
    void tunnelsFramesUntilTheClientCloses() throws Exception {
        try (ScriptedBackend backend = ScriptedBackend.start(WebSocketEcho::serve)) {
            use(backend, "");
            WebSocketMessages messages = new WebSocketMessages();
            WebSocket socket = open("/frames", messages);
            for (String text : new String[] {"hello", "x".repeat(20_000), "bye"}) {
                socket.sendText(text, true).join();
                assertEquals(text, messages.next());
            }
            socket.sendClose(WebSocket.NORMAL_CLOSURE, "").join();
            assertEquals("closed 1000", messages.next());
            JsonObject line = weir.awaitLog("/frames");
            assertEquals(101, line.get("status").getAsInt());
            assertEquals("", line.get("why").getAsString());
            assertTrue(line.get("bytes_in").getAsLong() > 20_000, line::toString);
            assertTrue(line.get("bytes_out").getAsLong() > 20_000, line::toString);
            assertEquals(0, weir.backend("app", backend.port()).get("in-flight").getAsInt());
        }
    }

    @Test
    void tunnelsUntilTheBackendCloses() throws Exception {
        try (ScriptedBackend backend = ScriptedBackend.start(connection -> {
                    String head = connection.readHead();
                    WebSocketEcho.accept(connection, head == null ? "" : head);
                    connection.send("last words");
                });
                RawClient client = connect(backend)) {
            client.send(UPGRADE.formatted("/backend-closes"));
            RawResponse response = client.read();
            assertEquals(101, response.status());
            assertEquals("websocket", response.field("upgrade"));
            assertEquals("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", response.field("sec-websocket-accept"));
            assertEquals("last words", client.readExactly(10));
            assertEquals("", client.readToEnd());
            client.shutdownOutput();
            assertEquals("", weir.awaitLog("/backend-closes").get("why").getAsString());
        }
    }

    private RawClient connect(ScriptedBackend backend) throws IOException, InterruptedException {
        use(backend, "");
        return RawClient.connect(weir.port());
    }

    @Test
    void passesWhatTheClientSendsBeforeTheSwitch() throws Exception {
        try (ScriptedBackend backend = ScriptedBackend.start(connection -> {
                    String head = connection.readHead();
                    Thread.sleep(100);
                    WebSocketEcho.accept(connection, head == null ? "" : head);
                    connection.send(connection.readExactly(5));
                    connection.readToEnd();
                });
                RawClient client = connect(backend)) {
            client.send(UPGRADE.formatted("/early") + "early");
            assertEquals(101, client.read().status());
            assertEquals("early", client.readExactly(5));
        }
    }

    @Test
    void holdsWhatTheClientSendsBackUntilTheSwitch() throws Exception {
        try (ScriptedBackend backend = ScriptedBackend.start(connection -> {
                    connection.readHead();
                    Thread.sleep(150);
                    connection.send("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n");
                    connection.readToEnd();
                });
                RawClient client = connect(backend)) {
            client.send(UPGRADE.formatted("/refused") + "GET /smuggled HTTP/1.1\r\nHost: b\r\n");
            assertEquals(403, client.read().status());
            weir.awaitLog("/refused");
            assertTrue(!backend.received().contains("smuggled"), backend.received());
        }
    }

    @Test
    void survivesReloads() throws Exception {
        try (ScriptedBackend backend = ScriptedBackend.start(WebSocketEcho::serve);
                ScriptedBackend other = ScriptedBackend.saying("other")) {
            use(backend, "");
            WebSocketMessages messages = new WebSocketMessages();
            WebSocket socket = open("/reload", messages);
            socket.sendText("before", true).join();
            assertEquals("before", messages.next());
            use(backend, ", balance: random");
            use(other, "");
            assertEquals("other", RawClient.get(weir.port(), "/").body());
            socket.sendText("after", true).join();
            assertEquals("after", messages.next());
            socket.sendClose(WebSocket.NORMAL_CLOSURE, "").join();
            assertEquals("closed 1000", messages.next());
        }
    }

    @Test
    void endsTunnelsThatAreSilentForTooLong() throws Exception {
        try (ScriptedBackend backend = ScriptedBackend.start(WebSocketEcho::serve)) {
            use(backend, ", timeouts: {tunnel-idle: 300ms}");
            try (RawClient client = RawClient.connect(weir.port())) {
                assertEquals(101, client.send(UPGRADE.formatted("/idle")).read().status());
                assertTrue(client.closedWithin(5_000));
            }
            assertEquals("tunnel-idle", weir.awaitLog("/idle").get("why").getAsString());
        }
    }

    @Test
    void removesOtherUpgrades() throws Exception {
        try (ScriptedBackend backend = ScriptedBackend.saying("plain");
                RawClient client = connect(backend)) {
            client.send("GET / HTTP/1.1\r\nHost: a.test\r\nConnection: Upgrade, HTTP2-Settings\r\n"
                    + "Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n\r\n");
            assertEquals("plain", client.read().body());
            String request = backend.onlyRequest();
            assertNull(RawHead.value(request, "upgrade"), request);
            assertNull(RawHead.value(request, "http2-settings"), request);
            assertNull(RawHead.value(request, "connection"), request);
        }
    }

    @Test
    void opensNothingWithoutTheHandshakeOfRfc6455() throws Exception {
        try (ScriptedBackend backend = ScriptedBackend.answering(
                        "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                                + "Sec-WebSocket-Accept: AAAAAAAAAAAAAAAAAAAAAAAAAAA=\r\n\r\n");
                RawClient client = connect(backend)) {
            assertEquals(502, client.send(UPGRADE.formatted("/other")).read().status());
            assertEquals("invalid-response", weir.awaitLog("/other").get("why").getAsString());
            assertEquals(1, backend.requests().size());
            assertEquals(
                    400,
                    RawClient.exchange(
                                    weir.port(),
                                    UPGRADE.formatted("/no-key").replaceAll("Sec-WebSocket-Key: \\S+\r\n", ""))
                            .status());
            assertEquals(
                    "bad-websocket-key", weir.awaitLog("/no-key").get("why").getAsString());
            assertEquals(1, backend.requests().size());
        }
    }

    @Test
    void answersASwitchNobodyAskedForWith502() throws Exception {
        try (ScriptedBackend backend = ScriptedBackend.answering(
                        "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n");
                RawClient client = connect(backend)) {
            assertEquals(
                    502,
                    client.send("GET /unasked HTTP/1.1\r\nHost: a.test\r\n\r\n")
                            .read()
                            .status());
            assertEquals(502, client.send(UPGRADE.formatted("/other")).read().status());
            Await.until(() -> backend.open() == 0, () -> "a poisoned connection was kept");
        }
    }
}
