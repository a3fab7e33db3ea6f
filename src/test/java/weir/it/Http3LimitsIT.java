package weir.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import weir.testing.Await;
import weir.testing.Http3Client;
import weir.testing.Http3ClientRequest;
import weir.testing.Http3Frames;
import weir.testing.Http3Site;
import weir.testing.ScriptedBackend;
import weir.testing.WeirProcess;
import weir.testing.WithWeir;

/** What a client of HTTP/3 may send, how slowly, and what becomes of one that does worse. */
@WithWeir
@Timeout(120)
final class Http3LimitsIT {
    private static final long NO_ERROR = 0x100;
    private static final long FRAME_UNEXPECTED = 0x105;
    private static final long EXCESSIVE_LOAD = 0x107;
    private static final int CANCELLED = 0x10c;

    private final WeirProcess weir;

    @TempDir
    private Path files;

    private Http3Site site;

    Http3LimitsIT(WeirProcess weir) {
        this.weir = weir;
    }

    @BeforeEach
    void makeCertificates() throws Exception {
        site = new Http3Site(files);
    }

    private static String[] request(String method, String path, String... more) {
        List<String> lines = new ArrayList<>(
                List.of(":method: " + method, ":scheme: https", ":authority: a.test", ":path: " + path));
        lines.addAll(List.of(more));
        return lines.toArray(String[]::new);
    }

    private void refused(Http3ClientRequest request, int status, String why) throws Exception {
        assertEquals(status, request.awaitEnd().status(), request::toString);
        JsonObject line = weir.awaitLog(one -> one.get("why").getAsString().equals(why));
        assertEquals(status, line.get("status").getAsInt(), line::toString);
        assertEquals("HTTP/3.0", line.get("protocol").getAsString());
    }

    private void isAlive() throws IOException, InterruptedException {
        try (Http3Client other = site.connect(weir)) {
            assertEquals(204, other.get("a.test", "/alive").status());
        }
    }

    @Test
    void limitsHeads() throws Exception {
        try (ScriptedBackend backend = ScriptedBackend.saying("ok")) {
            weir.use(site.yaml(backend, "limits: {request-line: 1KiB, headers: 2KiB, header-count: 10}"));
            try (Http3Client client = site.connect(weir)) {
                refused(client.open().head(true, request("GET", "/" + "x".repeat(1100))), 414, "target-too-long");
                refused(
                        client.open().head(true, request("GET", "/fields", "x: " + "y".repeat(2100))),
                        431,
                        "headers-too-large");
                String[] many = new String[11];
                java.util.Arrays.fill(many, "x: y");
                refused(client.open().head(true, request("GET", "/many", many)), 431, "too-many-headers");
                assertEquals(204, client.get("a.test", "/alive").status());
                Http3ClientRequest huge = client.open().head(true, request("GET", "/huge", "x: " + "y".repeat(9000)));
                assertEquals(EXCESSIVE_LOAD, client.awaitClosed(), huge::toString);
            }
            isAlive();
            assertEquals("", backend.received());
        }
    }

    @Test
    void limitsBodies() throws Exception {
        try (ScriptedBackend backend = ScriptedBackend.saying("ok")) {
            weir.use(site.yaml(backend, "limits: {body: 1KiB}"));
            try (Http3Client client = site.connect(weir)) {
                refused(
                        client.open().head(false, request("POST", "/announced", "content-length: 1025")),
                        413,
                        "body-too-large");
                assertEquals("", backend.received());
                String half = "x".repeat(512);
                Http3ClientRequest grows = client.open()
                        .head(false, request("POST", "/grows"))
                        .data(half, false)
                        .data(half, false)
                        .data("x", false);
                assertEquals(413, grows.awaitEnd().status(), grows::toString);
                assertEquals(
                        "body-too-large", weir.awaitLog("/grows").get("why").getAsString());
                Await.until(() -> backend.open() == 0, () -> "the backend waits for the rest");
                Http3ClientRequest fits = client.open()
                        .head(false, request("POST", "/fits"))
                        .data(half, false)
                        .data(half, true)
                        .awaitEnd();
                assertEquals(200, fits.status());
            }
        }
    }

    @Test
    void doesNotWaitForever() throws Exception {
        try (ScriptedBackend backend = ScriptedBackend.start(connection -> connection.readToEnd())) {
            weir.use(site.yaml(backend, "limits: {header-timeout: 1s, body-timeout: 1s, idle-timeout: 2s}"));
            try (Http3Client client = site.connect(weir)) {
                byte[] head = Http3Frames.section(List.of(":method", "GET"));
                Http3ClientRequest half = client.open().raw(java.util.Arrays.copyOf(head, 5), false);
                refused(half, 408, "header-timeout");
                Http3ClientRequest late =
                        client.open().head(false, request("POST", "/late")).data("x", false);
                refused(late, 408, "body-timeout");
                assertEquals(204, client.get("a.test", "/alive").status());
                assertEquals(NO_ERROR, client.awaitClosed(), "an idle connection");
            }
        }
    }

    @Test
    void listensToAStreamForAsLongAsEventsFlow() throws Exception {
        try (ScriptedBackend backend = ScriptedBackend.streaming(10, Duration.ofMillis(200))) {
            weir.use(site.yaml(backend, "limits: {body-timeout: 400ms}"));
            try (Http3Client client = site.connect(weir)) {
                Http3ClientRequest watch = client.open()
                        .head(false, request("POST", "/watch"))
                        .data("x", false)
                        .awaitBody(10);
                assertEquals("0123456789", watch.body());
                assertEquals("", weir.awaitLog("/watch").get("why").getAsString());
            }
        }
    }

    @Test
    void hasOnlySoManyRequestsAtOnce() throws Exception {
        try (ScriptedBackend backend = ScriptedBackend.start(connection -> connection.readToEnd())) {
            String five = site.yaml(backend).replace("http3: true,", "http3: true, http2: {streams: 5},");
            try (WeirProcess other = WeirProcess.start(five); // a running listener keeps its number
                    Http3Client client = site.connect(other)) {
                List<Http3ClientRequest> open = new ArrayList<>();
                for (int i = 0; i < 5; i++) {
                    open.add(client.open().head(false, request("POST", "/held" + i)));
                }
                Await.until(() -> backend.connections().size() == 5, () -> "not all five reach the backend");
                assertEquals(0, client.room());
                open.get(0).cancel(CANCELLED);
                Await.until(() -> client.room() == 1, () -> "the place is not given back");
                assertEquals(204, client.get("a.test", "/alive").status());
            }
        }
    }

    @Test
    void endsAConnectionThatResetsTooMuch() throws Exception {
        try (ScriptedBackend backend = ScriptedBackend.start(connection -> connection.readToEnd())) {
            // Connections made for requests that were reset meanwhile wait in the pool for others.
            weir.use(site.yaml(backend)
                    .replace("http3: true,", "http3: true, http2: {resets: 50},")
                    .replace("retry:", "connection-pool: {idle-timeout: 1s}, retry:"));
            try (Http3Client client = site.connect(weir)) {
                Await.until(() -> isClosedByResets(client), () -> "the connection was not closed");
                assertEquals(EXCESSIVE_LOAD, client.awaitClosed());
            }
            isAlive();
            Await.until(() -> backend.open() == 0, () -> "connections to the backend stay");
        }
    }

    /** What makes Weir reset a stream costs as much as a reset (CVE-2025-8671). */
    @Test
    void endsAConnectionThatBreaksTheRulesTooOften() throws Exception {
        try (ScriptedBackend backend = ScriptedBackend.start(connection -> connection.readToEnd())) {
            weir.use(site.yaml(backend).replace("http3: true,", "http3: true, http2: {resets: 50},"));
            try (Http3Client client = site.connect(weir)) {
                Await.until(
                        () -> isClosedBy(client, c -> c.open().head(true, request("GET", "/bad head"))),
                        () -> "bad heads do not end the connection");
                assertEquals(EXCESSIVE_LOAD, client.awaitClosed());
            }
            try (Http3Client client = site.connect(weir)) {
                Await.until(
                        () -> isClosedBy(
                                client,
                                c -> c.open()
                                        .head(false, request("POST", "/body", "content-length: 1"))
                                        .data("more", true)),
                        () -> "bad bodies do not end the connection");
                assertEquals(EXCESSIVE_LOAD, client.awaitClosed());
            }
            isAlive();
            weir.awaitStderr("error-flood, 51 within 30 s");
        }
    }

    /** Sends something of a client. */
    private interface Sent {
        void by(Http3Client client) throws IOException, InterruptedException;
    }

    private static boolean isClosedBy(Http3Client client, Sent sent) throws InterruptedException {
        try {
            while (client.room() > 0) {
                sent.by(client);
            }
        } catch (IOException closed) {
            // Which is what the test waits for.
        }
        return client.closed();
    }

    private static boolean isClosedByResets(Http3Client client) throws InterruptedException {
        try {
            while (client.room() > 0) {
                client.open().head(false, request("POST", "/reset")).cancel(CANCELLED);
            }
        } catch (IOException closed) {
            // Which is what the test waits for.
        }
        return client.closed();
    }

    @Test
    void endsConnectionsThatBreakTheRulesOfFrames() throws Exception {
        try (ScriptedBackend backend = ScriptedBackend.start(connection -> connection.readToEnd())) {
            weir.use(site.yaml(backend));
            try (Http3Client client = site.connect(weir)) {
                client.open().raw(Http3Frames.data("body before a head"), false);
                assertEquals(FRAME_UNEXPECTED, client.awaitClosed());
            }
            try (Http3Client client = site.connect(weir)) {
                byte[] promise = Http3Frames.promise(
                        List.of(":method", "GET", ":scheme", "https", ":authority", "a.test", ":path", "/"));
                client.open().head(false, request("POST", "/pushed")).raw(promise, false);
                assertEquals(FRAME_UNEXPECTED, client.awaitClosed());
            }
            assertTrue(!backend.received().contains("body before"), backend::received);
            isAlive();
        }
    }

    @Test
    void limitsConnections() throws Exception {
        try (ScriptedBackend backend = ScriptedBackend.saying("ok")) {
            weir.use(site.yaml(backend, "limits: {connections-per-address: 2}"));
            try (Http3Client one = site.connect(weir);
                    Http3Client two = site.connect(weir)) {
                assertEquals(204, one.get("a.test", "/alive").status());
                assertEquals(204, two.get("a.test", "/alive").status());
                Await.until(this::isRefused, () -> "a third connection is served");
            }
            Await.until(this::connects, () -> "places were not given back");
        }
    }

    private boolean isRefused() throws InterruptedException {
        try (Http3Client client = site.connect(weir)) {
            client.awaitClosed();
            return true;
        } catch (IOException refused) {
            return true;
        }
    }

    private boolean connects() throws InterruptedException {
        try (Http3Client client = site.connect(weir)) {
            return client.get("a.test", "/alive").status() == 204;
        } catch (IOException refused) {
            return false;
        }
    }
}
