package weir.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
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

/** A WebSocket from its opening to its end: what passes, how long it may last, what becomes of it in a drain. */
@Timeout(120)
final class WebSocketSessionIT {
    private static final String UPGRADE = "GET %s HTTP/1.1\r\nHost: a.test\r\nConnection: Upgrade\r\n"
            + "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n%s\r\n";

    private static String config(ScriptedBackend backend, String more) {
        return """
                routes: [{path: /, service: app}]
                services: {app: {backends: [%s], retry: {attempts: 1}%s}}
                """.formatted(backend.address(), more);
    }

    private static long tunnels(WeirProcess weir) throws IOException, InterruptedException {
        return weir.admin("GET", "/metrics")
                .body()
                .lines()
                .filter(line -> line.startsWith("weir_tunnels_open "))
                .mapToLong(line -> (long) Double.parseDouble(line.substring(line.indexOf(' ') + 1)))
                .sum();
    }

    @Test
    void passesSubprotocolsPingsLargeMessagesAndReasons() throws Exception {
        try (ScriptedBackend backend = ScriptedBackend.start(WebSocketEcho::serve);
                WeirProcess weir = WeirProcess.start(config(backend, ""))) {
            WebSocketMessages messages = new WebSocketMessages();
            WebSocket socket = messages.open(weir.port(), "/session", "chat.v2", "chat.v1");
            assertEquals("chat.v2", socket.getSubprotocol());
            assertEquals(
                    "chat.v2,chat.v1",
                    String.valueOf(RawHead.value(backend.onlyRequest(), "sec-websocket-protocol"))
                            .replace(" ", ""));
            Await.until(() -> tunnels(weir) == 1, () -> "the tunnel is not counted");
            socket.sendPing(ByteBuffer.wrap(new byte[] {'p', '1'})).join();
            assertEquals("pong p1", messages.next());
            String large = "0123456789abcdef".repeat(100_000);
            socket.sendText(large, true).join();
            assertEquals(large, messages.next());
            socket.sendClose(4001, "enough").join();
            assertEquals("closed 4001 enough", messages.next());
            JsonObject line = weir.awaitLog("/session");
            assertEquals("", line.get("why").getAsString());
            assertTrue(line.get("bytes_in").getAsLong() > large.length(), line::toString);
            assertTrue(line.get("bytes_out").getAsLong() > large.length(), line::toString);
            assertEquals(0, tunnels(weir));
            weir.assertNoLeak();
        }
    }

    @Test
    void passesFramesByteForByteAndAHalfClose() throws Exception {
        String ping = "\u0089\u0083mask\u0001\u0002\u0003";
        String close = "\u0088\u0082kasm\u0003\u00e8";
        try (ScriptedBackend backend = ScriptedBackend.start(connection -> {
                    String head = connection.readHead();
                    WebSocketEcho.accept(connection, head == null ? "" : head);
                    connection.readToEnd();
                    connection.send("\u0088\u0002\u0003\u00e8");
                });
                WeirProcess weir = WeirProcess.start(config(backend, ""));
                RawClient client = RawClient.connect(weir.port())) {
            client.send(UPGRADE.formatted("/frames", "Sec-WebSocket-Extensions: permessage-deflate; x\r\n"));
            assertEquals(101, client.read().status());
            client.send(ping + close).shutdownOutput();
            assertEquals("\u0088\u0002\u0003\u00e8", client.readToEnd());
            assertTrue(backend.received().endsWith("\r\n\r\n" + ping + close));
            assertEquals("permessage-deflate; x", RawHead.value(backend.onlyRequest(), "sec-websocket-extensions"));
            JsonObject line = weir.awaitLog("/frames");
            assertEquals("", line.get("why").getAsString());
            assertEquals(ping.length() + close.length(), line.get("bytes_in").getAsLong());
            assertEquals(4, line.get("bytes_out").getAsLong());
        }
    }

    @Test
    void passesARefusalOn() throws Exception {
        try (ScriptedBackend backend = ScriptedBackend.answering(
                        "HTTP/1.1 403 Forbidden\r\nX-Why: origin\r\nContent-Length: 4\r\n\r\nnope");
                WeirProcess weir = WeirProcess.start(config(backend, ""));
                RawClient client = RawClient.connect(weir.port())) {
            RawResponse refused = client.send(UPGRADE.formatted("/refused", "Origin: http://evil.test\r\n"))
                    .read();
            assertEquals(403, refused.status());
            assertEquals("origin", refused.field("x-why"));
            assertEquals("nope", refused.body());
            assertNull(refused.field("upgrade"));
            assertEquals(0, tunnels(weir));
        }
    }

    @Test
    void endsABusyTunnelWithItsLifetime() throws Exception {
        try (ScriptedBackend backend = ScriptedBackend.start(connection -> {
                    String head = connection.readHead();
                    WebSocketEcho.accept(connection, head == null ? "" : head);
                    while (true) {
                        connection.send("\u0081\u0001x");
                        Thread.sleep(20);
                    }
                });
                WeirProcess weir = WeirProcess.start(config(backend, ", timeouts: {tunnel-lifetime: 1s}"));
                RawClient client = RawClient.connect(weir.port())) {
            assertEquals(101, client.send(UPGRADE.formatted("/busy", "")).read().status());
            client.readToEnd();
            JsonObject line = weir.awaitLog("/busy");
            assertEquals("tunnel-lifetime", line.get("why").getAsString());
            double duration = line.get("duration").getAsDouble();
            assertTrue(duration >= 1, () -> "lasted only " + duration);
            Await.until(() -> backend.open() == 0, () -> "the backend's side is open still");
        }
    }

    @Test
    void aDrainLeavesTunnelsAloneUntilItsTimeIsOver() throws Exception {
        try (ScriptedBackend backend = ScriptedBackend.start(WebSocketEcho::serve);
                WeirProcess weir =
                        WeirProcess.start(config(backend, "") + "shutdown: {delay: 0s, drain-timeout: 4s}\n")) {
            WebSocketMessages messages = new WebSocketMessages();
            WebSocket socket = messages.open(weir.port(), "/drained");
            weir.signal("TERM");
            weir.awaitStderr("0 exchanges and 1 tunnels are open");
            socket.sendText("still there", true).join();
            assertEquals("still there", messages.next());
            assertEquals("broken", messages.next());
            assertEquals(0, weir.awaitExit());
            assertEquals("shutdown", weir.awaitLog("/drained").get("why").getAsString());
        }
    }
}
