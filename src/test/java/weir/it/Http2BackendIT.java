package weir.it;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.any;
import static com.github.tomakehurst.wiremock.client.WireMock.anyUrl;
import static com.github.tomakehurst.wiremock.core.WireMockConfiguration.options;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.github.tomakehurst.wiremock.WireMockServer;
import com.github.tomakehurst.wiremock.stubbing.ServeEvent;
import com.google.gson.JsonObject;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Settings;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import weir.testing.Await;
import weir.testing.Http2Backend;
import weir.testing.Http2BackendCall;
import weir.testing.RawClient;
import weir.testing.RawResponse;
import weir.testing.ScriptedBackend;
import weir.testing.WeirProcess;
import weir.testing.WithWeir;

/** HTTP/1.1 clients in front of backends that speak HTTP/2 in the clear. */
@WithWeir
@Timeout(60)
final class Http2BackendIT {
    private static final AtomicInteger NAMES = new AtomicInteger();

    private final WeirProcess weir;

    Http2BackendIT(WeirProcess weir) {
        this.weir = weir;
    }

    private void use(String more, String... backends) throws IOException, InterruptedException {
        weir.use("""
                routes: [{path: /, service: "%1$s"}]
                services: {"%1$s": {protocol: h2c, backends: ["%2$s"] %3$s}}
                """.formatted("app-" + NAMES.incrementAndGet(), String.join("\", \"", backends), more));
    }

    private RawResponse send(String request) throws IOException, InterruptedException {
        return RawClient.exchange(weir.port(), request);
    }

    @Test
    void passesRequestAndResponse() throws Exception {
        try (Http2Backend backend = Http2Backend.start(call -> call.onEnd(() -> call.respond(103, false, "link", "a")
                .respond(200, false, "x-answer", "1", "content-length", "5")
                .data("hello", true)))) {
            use("", backend.address());
            RawResponse response = send("POST /a?b=c HTTP/1.1\r\nHost: a.test\r\nTE: trailers\r\nCookie: a=b\r\n"
                    + "X-Case: Kept\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nx-sum: 3\r\n\r\n");
            assertEquals("hello", response.body());
            Http2BackendCall call = backend.calls().get(0);
            assertEquals("POST", call.field(":method"));
            assertEquals("/a?b=c", call.field(":path"));
            assertEquals("a.test", call.field(":authority"));
            assertEquals("http", call.field(":scheme"));
            assertEquals("trailers", call.field("te"));
            assertEquals("Kept", call.field("x-case"));
            assertEquals("a=b", call.field("cookie"));
            assertEquals("127.0.0.1", call.field("x-forwarded-for"));
            assertNull(call.field("transfer-encoding"));
            assertNull(call.field("host"));
            assertEquals("abc", call.body);
            assertEquals("3", String.valueOf(call.trailers == null ? null : call.trailers.get("x-sum")));
        }
    }

    @Test
    void passesTrailersBodylessResponsesAndHead() throws Exception {
        try (Http2Backend backend = Http2Backend.start(call -> {
            switch (String.valueOf(call.field(":path"))) {
                case "/trailers" -> call.respond(200, false).data("x", false).trailers("x-sum", "1");
                case "/204" -> call.respond(204, true);
                case "/304" -> call.respond(304, true, "content-length", "5");
                default -> call.respond(200, true, "content-length", "5");
            }
        })) {
            use("", backend.address());
            try (RawClient client = RawClient.connect(weir.port())) {
                client.send("GET /trailers HTTP/1.1\r\nHost: a\r\nTE: trailers\r\n\r\n");
                client.readThrough("x-sum: 1\r\n\r\n");
                client.send("GET /204 HTTP/1.1\r\nHost: a\r\n\r\n");
                assertTrue(client.readHead().startsWith("HTTP/1.1 204"));
                client.send("GET /304 HTTP/1.1\r\nHost: a\r\n\r\n");
                assertTrue(client.readHead().startsWith("HTTP/1.1 304"));
                client.send("HEAD /head HTTP/1.1\r\nHost: a\r\n\r\n");
                assertTrue(client.readHead().contains("content-length: 5"));
            }
            assertEquals(1, backend.connections().size());
        }
    }

    @Test
    void manyClientsShareOneConnectionPerLoop() throws Exception {
        List<Http2BackendCall> waiting = new CopyOnWriteArrayList<>();
        try (Http2Backend backend = Http2Backend.start(waiting::add)) {
            use("", backend.address());
            List<RawClient> clients = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                clients.add(RawClient.connect(weir.port()).send("GET /" + i + " HTTP/1.1\r\nHost: a\r\n\r\n"));
            }
            Await.until(() -> waiting.size() == 20, () -> waiting.size() + " came");
            assertTrue(
                    backend.connections().size() <= 8,
                    () -> backend.connections().size() + " connections");
            for (Http2BackendCall call : waiting) {
                call.respond(200, false).data(String.valueOf(call.field(":path")), true);
            }
            for (int i = 0; i < 20; i++) {
                assertEquals("/" + i, clients.get(i).read().body());
                clients.get(i).close();
            }
        }
    }

    @Test
    void honoursTheStreamsThatABackendTakes() throws Exception {
        List<Http2BackendCall> waiting = new CopyOnWriteArrayList<>();
        Http2Settings one = Http2Settings.defaultSettings().maxConcurrentStreams(1);
        try (Http2Backend backend = Http2Backend.start(one, waiting::add)) {
            use(", limits: {connections-per-backend: 3}", backend.address());
            List<RawClient> clients = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                clients.add(RawClient.connect(weir.port()).send("GET /" + i + " HTTP/1.1\r\nHost: a\r\n\r\n"));
            }
            Await.until(() -> waiting.size() == 3, () -> waiting.size() + " came");
            assertEquals(3, backend.connections().size());
            assertEquals(503, RawClient.get(weir.port(), "/full").status());
            waiting.forEach(call -> call.respond(200, true));
            for (RawClient client : clients) {
                assertEquals(200, client.read().status());
                client.close();
            }
        }
    }

    @Test
    void sendsAgainWhatWasRefused() throws Exception {
        AtomicInteger asked = new AtomicInteger();
        try (Http2Backend first = Http2Backend.start(call -> {
                    asked.incrementAndGet();
                    call.reset(Http2Error.REFUSED_STREAM);
                });
                Http2Backend second = Http2Backend.start(call -> {
                    asked.incrementAndGet();
                    call.goAwayUnseen();
                });
                Http2Backend good =
                        Http2Backend.start(call -> call.respond(200, false).data("good", true))) {
            use(", retry: {attempts: 3, back-off: 1ms..2ms}", first.address(), second.address(), good.address());
            for (int i = 0; i < 3; i++) {
                RawResponse response = send("DELETE /" + i + " HTTP/1.1\r\nHost: a\r\n\r\n");
                assertEquals("good", response.body());
            }
            assertTrue(asked.get() >= 2, () -> asked + " asked");
        }
    }

    @Test
    void aGracefulGoAwayLetsStreamsFinish() throws Exception {
        AtomicReference<Http2BackendCall> waiting = new AtomicReference<>();
        try (Http2Backend backend = Http2Backend.start(call -> {
            if (waiting.compareAndSet(null, call)) {
                call.goAway();
            } else {
                call.respond(200, false).data("second", true);
            }
        })) {
            use("", backend.address());
            try (RawClient client = RawClient.connect(weir.port()).send("GET /1 HTTP/1.1\r\nHost: a\r\n\r\n")) {
                Await.until(() -> waiting.get() != null, () -> "it did not come");
                assertEquals("second", RawClient.get(weir.port(), "/2").body());
                waiting.get().respond(200, false).data("first", true);
                assertEquals("first", client.read().body());
            }
            assertEquals(2, backend.connections().size());
        }
    }

    @Test
    void aSlowClientHoldsUpNobodyElse() throws Exception {
        long size = 64L * 1024 * 1024;
        byte[] piece = new byte[64 * 1024];
        AtomicReference<Http2BackendCall> big = new AtomicReference<>();
        try (Http2Backend backend = Http2Backend.start(call -> {
            if ("/big".equals(call.field(":path"))) {
                big.set(call);
                call.respond(200, false, "content-length", String.valueOf(size));
                for (long sent = 0; sent < size; sent += piece.length) {
                    call.data(Unpooled.wrappedBuffer(piece), sent + piece.length == size);
                }
            } else {
                call.respond(200, false).data("quick", true);
            }
        })) {
            use("", backend.address());
            try (RawClient slow = RawClient.connect(weir.port()).send("GET /big HTTP/1.1\r\nHost: a\r\n\r\n")) {
                slow.readHead();
                for (int i = 0; i < 20; i++) {
                    assertEquals("quick", RawClient.get(weir.port(), "/" + i).body());
                }
                long left = size;
                byte[] read = new byte[1 << 20];
                while (left > 0) {
                    int n = slow.input().read(read);
                    assertTrue(n > 0, "the body ended early");
                    left -= n;
                }
            }
        }
    }

    @Test
    void aLargeUploadWaitsForTheBackendsWindow() throws Exception {
        int size = 4 * 1024 * 1024;
        try (Http2Backend backend = Http2Backend.start(
                call -> call.onEnd(() -> call.respond(200, false).data(String.valueOf(call.received), true)))) {
            use("", backend.address());
            RawResponse response =
                    send("PUT /up HTTP/1.1\r\nHost: a\r\nContent-Length: " + size + "\r\n\r\n" + "x".repeat(size));
            assertEquals(String.valueOf(size), response.body());
        }
    }

    @Test
    void aClientThatLeavesResetsItsStreamAlone() throws Exception {
        List<Http2BackendCall> waiting = new CopyOnWriteArrayList<>();
        try (Http2Backend backend = Http2Backend.start(waiting::add)) {
            use("", backend.address());
            RawClient leaving = RawClient.connect(weir.port()).send("GET /1 HTTP/1.1\r\nHost: a\r\n\r\n");
            Await.until(() -> waiting.size() == 1, () -> "it did not come");
            leaving.reset();
            Await.until(() -> waiting.get(0).resetCode != null, () -> "no reset came");
            assertEquals(Http2Error.CANCEL.code(), waiting.get(0).resetCode);
            assertEquals(backend.connections().size(), backend.open());
        }
    }

    @Test
    void badResponsesAre502() throws Exception {
        try (Http2Backend backend = Http2Backend.start(call -> {
            switch (String.valueOf(call.field(":path"))) {
                case "/upper" -> call.respond(200, true, "Upper", "1");
                case "/status" -> call.respond(99, true);
                case "/connection" -> call.respond(200, true, "connection", "close");
                case "/length" -> call.respond(200, true, "content-length", "x");
                default -> call.respond(200, false, "content-length", "9").data("123456789", true);
            }
        })) {
            use(", ejection: {consecutive-errors: 0}", backend.address());
            for (String path : List.of("/upper", "/status", "/connection", "/length")) {
                assertEquals(502, RawClient.get(weir.port(), path).status(), path);
                assertEquals("invalid-response", weir.awaitLog(path).get("why").getAsString());
            }
            assertEquals("123456789", RawClient.get(weir.port(), "/good").body());
            assertEquals(backend.connections().size(), backend.open());
        }
    }

    @Test
    void aBackendWithoutHttp2CannotBeConnectedTo() throws Exception {
        try (ScriptedBackend http1 = ScriptedBackend.saying("HTTP/1.1")) {
            use("", http1.address());
            assertEquals(502, RawClient.get(weir.port(), "/no-h2").status());
            assertEquals("connect-failed", weir.awaitLog("/no-h2").get("why").getAsString());
        }
    }

    @Test
    void opensAWebSocketWhereTheBackendTakesOne() throws Exception {
        String upgrade = " HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
        Http2Settings extended = Http2Settings.defaultSettings().connectProtocolEnabled(true);
        try (Http2Backend backend = Http2Backend.start(
                extended,
                call -> call.onData(text -> call.data(text, false))
                        .onEnd(() -> call.data("", true))
                        .respond(200, false))) {
            use("", backend.address());
            try (RawClient client = RawClient.connect(weir.port()).send("GET /ws" + upgrade)) {
                String head = client.readHead();
                assertTrue(head.startsWith("HTTP/1.1 101"), head);
                assertTrue(head.contains("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="), head);
                client.send("ping");
                assertEquals("ping", client.readExactly(4));
                client.shutdownOutput();
                assertEquals("", client.readToEnd());
            }
            assertEquals("websocket", backend.calls().get(0).field(":protocol"));
        }
        try (Http2Backend backend = Http2Backend.start(call -> call.respond(200, true))) {
            use("", backend.address());
            assertEquals(502, send("GET /no-ws" + upgrade).status());
            JsonObject line = weir.awaitLog("/no-ws");
            assertEquals("unsupported", line.get("why").getAsString());
            assertTrue(backend.calls().isEmpty());
        }
    }

    @Test
    void maxRequestsReplacesTheConnection() throws Exception {
        try (Http2Backend backend = Http2Backend.start(call -> call.respond(200, true))) {
            use(", connection-pool: {max-requests: 2}", backend.address());
            try (RawClient client = RawClient.connect(weir.port())) {
                for (int i = 0; i < 6; i++) {
                    client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
                    assertEquals(200, client.read().status());
                }
            }
            assertEquals(3, backend.connections().size());
        }
    }

    @Test
    void aReloadChangesWhatIsSpoken() throws Exception {
        String yaml = """
                routes: [{path: /, service: changing}]
                services: {changing: {protocol: %s, backends: ["%s"]}}
                """;
        WireMockServer both = new WireMockServer(options().dynamicPort());
        both.stubFor(any(anyUrl()).willReturn(aResponse().withBody("both")));
        both.start();
        try {
            weir.use(yaml.formatted("http", "127.0.0.1:" + both.port()));
            assertEquals("both", RawClient.get(weir.port(), "/1").body());
            weir.use(yaml.formatted("h2c", "127.0.0.1:" + both.port()));
            assertEquals("both", RawClient.get(weir.port(), "/2").body());
            weir.use(yaml.formatted("http", "127.0.0.1:" + both.port()));
            assertEquals("both", RawClient.get(weir.port(), "/3").body());
            List<ServeEvent> served = new ArrayList<>(both.getAllServeEvents());
            Collections.reverse(served);
            assertEquals(
                    List.of("HTTP/1.1", "HTTP/2.0", "HTTP/1.1"),
                    served.stream()
                            .map(event -> event.getRequest().getProtocol())
                            .toList());
        } finally {
            both.stop();
        }
        assertFalse(weir.stderrText().contains("bug"));
    }
}
