package weir.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import weir.testing.Await;
import weir.testing.Http3Client;
import weir.testing.Http3ClientRequest;
import weir.testing.Http3Frames;
import weir.testing.Http3Site;
import weir.testing.ScriptedBackend;
import weir.testing.WeirLaunch;
import weir.testing.WeirProcess;

/** How requests and connections of HTTP/3 end before their time, and that each leaves one line in the log. */
@Timeout(120)
final class Http3EndsIT {
    private static final long NO_ERROR = 0x100;
    private static final long INTERNAL_ERROR = 0x102;
    private static final int CANCELLED = 0x10c;
    private static final String[] POST = {":method: POST", ":scheme: https", ":authority: a.test", ":path: /cut"};
    private static final String[] GET = {":method: GET", ":scheme: https", ":authority: a.test", ":path: /cut"};

    @TempDir
    private Path files;

    private Http3Site site;

    @BeforeEach
    void makeCertificates() throws Exception {
        site = new Http3Site(files);
    }

    private WeirProcess start(ScriptedBackend backend, int threads) throws Exception {
        return new WeirLaunch(site.yaml(backend)).threads(threads).start();
    }

    private static void isLoggedOnce(WeirProcess weir, String why) throws Exception {
        JsonObject line = weir.awaitLog("/cut");
        assertEquals(why, line.get("why").getAsString(), line::toString);
        assertEquals("HTTP/3.0", line.get("protocol").getAsString());
        assertEquals(
                1,
                weir.accessLog().stream()
                        .filter(one ->
                                one.has("path") && one.get("path").getAsString().equals("/cut"))
                        .count());
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void finishesWhatHasBegunInADrain(int threads) throws Exception {
        CountDownLatch leaving = new CountDownLatch(1);
        try (ScriptedBackend backend = ScriptedBackend.start(connection -> {
                    connection.readRequest();
                    leaving.await();
                    connection.send(ScriptedBackend.ok("whole"));
                    connection.readToEnd();
                });
                WeirProcess weir = start(backend, threads);
                Http3Client client = site.connect(weir)) {
            assertEquals(204, client.get("a.test", "/alive").status());
            Http3ClientRequest slow = client.open().head(true, GET);
            Await.until(() -> !backend.requests().isEmpty(), () -> "the backend was not asked");
            weir.signal("TERM");
            Await.until(() -> client.goneAway().size() == 2, () -> "no GOAWAY: " + client.goneAway());
            assertEquals(List.of((1L << 62) - 4, 8L), client.goneAway(), "first none is refused, then those not begun");
            leaving.countDown();
            assertEquals("whole", slow.awaitEnd().body());
            assertTrue(slow.complete(), slow::toString);
            assertEquals(NO_ERROR, client.awaitClosed());
            assertEquals(0, weir.awaitExit());
            isLoggedOnce(weir, "");
        }
    }

    /** Closing the process fails the test if there is a stack trace. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void refusesHandshakesInADrainWithoutAWord(int threads) throws Exception {
        CountDownLatch leaving = new CountDownLatch(1);
        try (ScriptedBackend backend = ScriptedBackend.start(connection -> {
                    connection.readRequest();
                    leaving.await();
                    connection.send(ScriptedBackend.ok("whole"));
                    connection.readToEnd();
                });
                WeirProcess weir = start(backend, threads);
                Http3Client client = site.connect(weir)) {
            Http3ClientRequest slow = client.open().head(true, GET);
            Await.until(() -> !backend.requests().isEmpty(), () -> "the backend was not asked");
            weir.signal("TERM");
            Await.until(() -> !client.goneAway().isEmpty(), () -> "no GOAWAY");
            for (int i = 0; i < 5; i++) {
                isRefused(weir);
            }
            leaving.countDown();
            assertEquals("whole", slow.awaitEnd().body());
            assertEquals(0, weir.awaitExit());
            assertTrue(!weir.stderrText().contains("reached at the tail"), weir::stderrText);
        }
    }

    /** Before or after the client has what it needs for a handshake. */
    private void isRefused(WeirProcess weir) throws Exception {
        try (Http3Client late = site.connect(weir)) {
            late.awaitClosed();
        } catch (IOException refused) {
            // The other way.
        }
    }

    @Test
    void tellsTheBackendThatTheClientIsGone() throws Exception {
        try (ScriptedBackend backend = ScriptedBackend.start(connection -> {
                    connection.readHead();
                    connection.readToEnd();
                });
                WeirProcess weir = start(backend, 1);
                Http3Client client = site.connect(weir)) {
            Http3ClientRequest request = client.open().head(false, POST).data("half", false);
            Await.until(() -> backend.received().contains("half"), () -> "the backend was not asked");
            request.cancel(CANCELLED);
            isLoggedOnce(weir, "client-gone");
            Await.until(() -> backend.open() == 0, () -> "the backend still waits");
            assertEquals(204, client.get("a.test", "/alive").status());
        }
    }

    @Test
    void noticesWithTheResponseThatAWholeRequestWasCancelled() throws Exception {
        CountDownLatch cancelled = new CountDownLatch(1);
        try (ScriptedBackend backend = ScriptedBackend.start(connection -> {
                    connection.readRequest();
                    cancelled.await();
                    connection.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
                    connection.readToEnd();
                });
                WeirProcess weir = start(backend, 1);
                Http3Client client = site.connect(weir)) {
            Http3ClientRequest request = client.open().head(true, GET);
            Await.until(() -> !backend.requests().isEmpty(), () -> "the backend was not asked");
            request.cancel(CANCELLED);
            assertEquals(204, client.get("a.test", "/alive").status());
            cancelled.countDown();
            isLoggedOnce(weir, "client-gone");
            Await.until(() -> backend.open() == 0, () -> "the backend still waits");
        }
    }

    @Test
    void noticesAClientThatStopsReadingAResponse() throws Exception {
        try (ScriptedBackend backend = ScriptedBackend.start(connection -> {
                    connection.readRequest();
                    connection.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
                    while (true) {
                        connection.send("4\r\nmore\r\n");
                        Thread.sleep(20);
                    }
                });
                WeirProcess weir = start(backend, 1);
                Http3Client client = site.connect(weir)) {
            Http3ClientRequest request = client.open().head(true, GET).awaitBody(8);
            request.cancel(CANCELLED);
            isLoggedOnce(weir, "client-gone");
            Await.until(() -> backend.open() == 0, () -> "the backend still sends");
            assertEquals(204, client.get("a.test", "/alive").status());
        }
    }

    @Test
    void noticesAClientThatClosesItsConnection() throws Exception {
        try (ScriptedBackend backend = ScriptedBackend.start(connection -> connection.readToEnd());
                WeirProcess weir = start(backend, 1)) {
            try (Http3Client client = site.connect(weir)) {
                client.open().head(true, GET);
                Await.until(() -> backend.received().contains("/cut"), () -> "the backend was not asked");
            }
            isLoggedOnce(weir, "client-gone");
            Await.until(() -> backend.open() == 0, () -> "the backend still waits");
        }
    }

    @Test
    void saysWhenAnAnswerBreaksOff() throws Exception {
        try (ScriptedBackend backend = ScriptedBackend.start(connection -> {
                    connection.readRequest();
                    connection.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
                });
                WeirProcess weir = start(backend, 1);
                Http3Client client = site.connect(weir)) {
            Http3ClientRequest request = client.open().head(true, GET).awaitEnd();
            assertEquals(200, request.status());
            assertTrue(!request.complete(), request::toString);
            assertEquals(INTERNAL_ERROR, request.resetBy());
            isLoggedOnce(weir, "backend-reset");
            assertEquals(204, client.get("a.test", "/alive").status());
        }
    }

    @Test
    void doesNotTakeHalfAFrameForTheEndOfABody() throws Exception {
        try (ScriptedBackend backend = ScriptedBackend.start(connection -> connection.readToEnd());
                WeirProcess weir = start(backend, 1);
                Http3Client client = site.connect(weir)) {
            byte[] data = Http3Frames.data("whole");
            Http3ClientRequest request = client.open()
                    .head(false, POST)
                    .raw(java.util.Arrays.copyOf(data, data.length - 2), true)
                    .awaitEnd();
            assertEquals(400, request.status(), request::toString);
            isLoggedOnce(weir, "truncated");
            Await.until(() -> backend.open() == 0, () -> "the backend still waits");
            assertTrue(!backend.received().contains("\r\n0\r\n"), backend::received);
        }
    }

    @Test
    void answersBeforeTheRequestEndsAndWantsNoMoreOfIt() throws Exception {
        try (ScriptedBackend backend = ScriptedBackend.start(connection -> {
                    connection.readHead();
                    connection.send("HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno");
                    connection.readToEnd();
                });
                WeirProcess weir = start(backend, 1);
                Http3Client client = site.connect(weir)) {
            Http3ClientRequest request =
                    client.open().head(false, POST).data("half", false).awaitEnd();
            assertEquals("no", request.body());
            assertTrue(request.complete(), request::toString);
            isLoggedOnce(weir, "");
            Await.until(() -> backend.open() == 0, () -> "the backend still waits");
        }
    }

    @Test
    void saysInOneLineThatQuicCannotBeLoadedHere() throws Exception {
        // Found before those of the jar, and no library: what a processor or a C library of another kind is like.
        for (String processor : List.of("x86_64", "aarch_64")) {
            Path library = files.resolve("META-INF/native/libnetty_quiche42_linux_" + processor + ".so");
            java.nio.file.Files.createDirectories(library.getParent());
            java.nio.file.Files.writeString(library, "no library");
        }
        String hides = "-Xbootclasspath/a:" + files;
        try (ScriptedBackend backend = ScriptedBackend.saying("hello")) {
            String says = "listener web: http3: the QUIC library cannot be loaded here";
            try (WeirProcess weir =
                    new WeirLaunch(site.yaml(backend)).flags(hides).startUnready()) {
                assertEquals(1, weir.awaitExit());
                List<String> errors = weir.stderrText()
                        .lines()
                        .filter(line -> !line.contains(" INFO "))
                        .toList();
                assertEquals(1, errors.size(), errors::toString);
                assertTrue(errors.get(0).startsWith("weir: " + says), errors::toString);
            }
            String without = site.yaml(backend).replace("http3: true,", "");
            try (WeirProcess weir = new WeirLaunch(without).flags(hides).start()) {
                weir.rewrite(site.yaml(backend));
                var response = weir.admin("POST", "/api/reload");
                assertTrue(response.statusCode() >= 400, response::body);
                assertTrue(response.body().contains(says), response::body);
            }
        }
    }
}
