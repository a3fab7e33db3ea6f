package weir.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import weir.testing.Await;
import weir.testing.Http2Client;
import weir.testing.Http2Frames;
import weir.testing.Http2Frames.Frame;
import weir.testing.ScriptedBackend;
import weir.testing.WeirProcess;
import weir.testing.WithWeir;

/** What a client may not cost: floods end its connection, slowness too, and nobody else notices. */
@WithWeir
@Timeout(120)
final class Http2AbuseIT {
    private static final int NO_ERROR = 0;
    private static final int REFUSED_STREAM = 7;
    private static final int ENHANCE_YOUR_CALM = 11;
    private static final String ROUTES = """
            listeners: {web: {address: "127.0.0.1:0", http2: {streams: 10, resets: 50}}}
            limits: {header-timeout: 1s, body-timeout: 1s, idle-timeout: %s}
            routes: [{path: /alive, respond: {status: 204}}, {path: /, service: app}]
            services: {app: {backends: [%s], retry: {attempts: 1}, connection-pool: {idle-timeout: 1s}}}
            """;

    private final WeirProcess weir;

    Http2AbuseIT(WeirProcess weir) {
        this.weir = weir;
    }

    /** A backend that reads and never answers. */
    private ScriptedBackend silent(String idle) throws IOException, InterruptedException {
        ScriptedBackend backend = ScriptedBackend.start(connection -> connection.readToEnd());
        weir.use(ROUTES.formatted(idle, backend.address()));
        return backend;
    }

    private void isCalmed(Function<Http2Frames, byte[]> frame, int times) throws Exception {
        try (ScriptedBackend backend = silent("60s");
                Http2Client client = Http2Client.connect(weir.port())) {
            int sent = 0;
            while (sent < times && client.trySend(frame.apply(client.frames))) {
                sent++;
            }
            assertEquals(ENHANCE_YOUR_CALM, client.goAway());
            isAlive();
            assertEquals("", backend.received());
        }
    }

    private void isAlive() throws IOException, InterruptedException {
        try (Http2Client other = Http2Client.connect(weir.port())) {
            other.send(other.frames.get(1, "/alive"));
            assertEquals(204, other.response(1).status());
        }
    }

    @Test
    void refusesStreamsBeyondTheLimit() throws Exception {
        try (ScriptedBackend backend = silent("60s");
                Http2Client client = Http2Client.connect(weir.port())) {
            for (int stream = 1; stream <= 23; stream += 2) {
                client.send(client.frames.get(stream, "/s" + stream));
            }
            Frame refused = client.await(frame -> frame.type() == Http2Frames.RST_STREAM);
            assertEquals(21, refused.stream());
            assertEquals(REFUSED_STREAM, refused.number(0));
            client.send(client.frames.number(Http2Frames.RST_STREAM, 1, 8), client.frames.get(25, "/alive"));
            assertEquals(204, client.response(25).status());
            Await.until(() -> backend.connections().size() == 10, () -> "ten streams reach the backend");
        }
    }

    @Test
    void endsAConnectionThatResetsTooMuch() throws Exception {
        try (ScriptedBackend backend = silent("60s");
                Http2Client client = Http2Client.connect(weir.port())) {
            boolean taken = true;
            for (int stream = 1; stream < 200 && taken; stream += 2) {
                taken = client.trySend(
                        client.frames.get(stream, "/reset"), client.frames.number(Http2Frames.RST_STREAM, stream, 8));
            }
            assertEquals(ENHANCE_YOUR_CALM, client.goAway());
            isAlive();
            Await.until(() -> backend.open() == 0, () -> "connections to the backend stay");
        }
    }

    @Test
    void endsAConnectionThatMakesItResetTooMuch() throws Exception {
        try (ScriptedBackend backend = silent("60s");
                Http2Client client = Http2Client.connect(weir.port())) {
            boolean taken = true;
            for (int stream = 1; stream < 200 && taken; stream += 2) {
                taken = client.trySend(
                        client.frames.get(stream, "/made"), client.frames.number(Http2Frames.WINDOW_UPDATE, stream, 0));
            }
            assertEquals(ENHANCE_YOUR_CALM, client.goAway());
            isAlive();
            Await.until(() -> backend.open() == 0, () -> "connections to the backend stay");
        }
    }

    @Test
    void endsAFloodOfContinuations() throws Exception {
        try (ScriptedBackend backend = silent("60s");
                Http2Client client = Http2Client.connect(weir.port())) {
            byte[] block = client.frames.block(
                    ":method", "GET", ":scheme", "http", ":path", "/flood", ":authority", "a", "x", "y".repeat(99));
            client.send(client.frames.frame(Http2Frames.HEADERS, 0, 1, block));
            byte[] more = client.frames.frame(Http2Frames.CONTINUATION, 0, 1, new byte[] {0, 1, 'x', 1, 'y'});
            int sent = 0;
            while (sent < 100_000 && client.trySend(more)) {
                sent++;
            }
            assertEquals(ENHANCE_YOUR_CALM, client.goAway());
            isAlive();
            assertEquals("", backend.received());
        }
    }

    @Test
    void endsFloodsOfFramesThatMoveNothing() throws Exception {
        isCalmed(frames -> frames.frame(Http2Frames.PING, 0, 0, new byte[8]), 100_000);
        isCalmed(frames -> frames.frame(Http2Frames.SETTINGS, 0, 0), 100_000);
        isCalmed(frames -> frames.frame(Http2Frames.PRIORITY, 0, 1, new byte[5]), 100_000);
        isCalmed(frames -> frames.number(Http2Frames.WINDOW_UPDATE, 0, 1), 100_000);
        isCalmed(frames -> frames.frame(77, 0, 1), 100_000);
    }

    @Test
    void endsAFloodOfEmptyData() throws Exception {
        try (ScriptedBackend backend = silent("60s");
                Http2Client client = Http2Client.connect(weir.port())) {
            client.send(client.frames.post(1, "/empty"));
            int sent = 0;
            while (sent < 100_000 && client.trySend(client.frames.data(1, false, ""))) {
                sent++;
            }
            assertEquals(ENHANCE_YOUR_CALM, client.goAway());
            assertEquals("client-gone", weir.awaitLog("/empty").get("why").getAsString());
            Await.until(() -> backend.open() == 0, () -> "connections to the backend stay");
        }
    }

    @Test
    void doesNotWaitForever() throws Exception {
        try (ScriptedBackend backend = silent("1s")) {
            try (Http2Client client = Http2Client.silent(weir.port())) {
                client.send("PRI * HTTP".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
                assertEquals(-1, client.goAway(), "a preface that never comes whole");
            }
            try (Http2Client client = Http2Client.connect(weir.port())) {
                assertEquals(NO_ERROR, client.goAway(), "an idle connection");
            }
            int logged = weir.accessLog().size();
            try (Http2Client client = Http2Client.connect(weir.port())) {
                client.send(client.frames.frame(
                        Http2Frames.HEADERS, Http2Frames.END_STREAM, 1, client.frames.block(":method", "GET")));
                assertEquals(408, client.response(1).status(), "a header block that never ends");
                assertEquals(NO_ERROR, client.goAway());
            }
            weir.awaitLogAfter(logged, line -> line.get("why").getAsString().equals("header-timeout"));
            try (Http2Client client = Http2Client.connect(weir.port())) {
                client.send(client.frames.post(1, "/late"), client.frames.data(1, false, "x"));
                assertEquals(408, client.response(1).status(), "a body that never ends");
                client.send(client.frames.get(3, "/alive"));
                assertEquals(204, client.response(3).status());
            }
            assertEquals("body-timeout", weir.awaitLog("/late").get("why").getAsString());
            assertTrue(!backend.received().contains("/alive"), backend::received);
        }
    }
}
