package weir.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import weir.testing.Await;
import weir.testing.Http2Client;
import weir.testing.RawClient;
import weir.testing.RawResponse;
import weir.testing.ScriptedBackend;
import weir.testing.WeirProcess;
import weir.testing.WithWeir;

/** Every silence has its limit, and the log says whose silence it was. */
@WithWeir
@Timeout(60)
final class TimeoutsIT {
    private static final String HOST = "Host: a.test\r\n";

    private final WeirProcess weir;

    TimeoutsIT(WeirProcess weir) {
        this.weir = weir;
    }

    private void use(String address, String timeouts, String limits) throws IOException, InterruptedException {
        weir.use("""
                routes: [{path: /, service: app}]
                services: {app: {backends: ["%s"], retry: {attempts: 1}, timeouts: {%s}}}
                limits: {%s}
                """.formatted(address, timeouts, limits));
    }

    private void expect(String path, int status, String why) throws InterruptedException {
        JsonObject line = weir.awaitLog(path);
        assertEquals(why, line.get("why").getAsString());
        assertEquals(status, line.get("status").getAsInt());
        double seconds = line.get("duration").getAsDouble();
        assertTrue(seconds >= 0.2 && seconds < 10, () -> "after " + seconds + " s");
    }

    /** A backend that reads all and says nothing more than this. */
    private static ScriptedBackend silentAfter(String bytes) throws IOException {
        return ScriptedBackend.start(connection -> {
            connection.readRequest();
            connection.send(bytes);
            connection.readToEnd();
        });
    }

    @Test
    void answersSlowHeadsWith408() throws Exception {
        try (ScriptedBackend backend = ScriptedBackend.saying("ok")) {
            use(backend.address(), "", "header-timeout: 300ms");
            int lines = weir.stdoutLines().size();
            try (RawClient client = RawClient.connect(weir.port())) {
                client.send("GET /slow-head HTTP/1.1\r\nHo");
                RawResponse response = client.read();
                assertEquals(408, response.status());
                assertTrue(response.closes());
                assertEquals("", client.readToEnd());
            }
            Await.until(() -> weir.stdoutLines().size() > lines, () -> "no line in the log");
            assertEquals(
                    "header-timeout", weir.accessLog().get(lines).get("why").getAsString());
            assertEquals("", backend.received());
        }
    }

    @Test
    void answersHeadsThatDribbleWith408() throws Exception {
        use("127.0.0.1:1", "", "header-timeout: 400ms");
        try (RawClient client = RawClient.connect(weir.port())) {
            client.send("GET / HTTP/1.1\r\n" + HOST);
            Thread drip = new Thread(() -> {
                try {
                    for (int i = 0; i < 100; i++) {
                        client.send("X-" + i + ": 1\r\n");
                        Thread.sleep(50);
                    }
                } catch (IOException | InterruptedException closed) {
                    // Weir has had enough.
                }
            });
            drip.start();
            assertEquals(408, client.read().status());
            drip.join();
        }
    }

    /** A client that only listens, as {@code etcdctl watch} does, is not late with its request. */
    @Test
    void listensToAStreamForAsLongAsEventsFlow() throws Exception {
        try (ScriptedBackend backend = ScriptedBackend.streaming(10, Duration.ofMillis(200))) {
            use(backend.address(), "idle: 1s", "body-timeout: 400ms");
            try (RawClient client = RawClient.connect(weir.port())) {
                client.send("POST /watch1 HTTP/1.1\r\n" + HOST + "Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n");
                assertEquals("0123456789", client.read().body());
            }
            try (Http2Client client = Http2Client.connect(weir.port())) {
                client.send(client.frames.post(1, "/watch2"), client.frames.data(1, false, "a"));
                assertEquals("0123456789", client.response(1).body());
            }
            for (String path : List.of("/watch1", "/watch2")) {
                JsonObject line = weir.awaitLog(path);
                assertEquals("", line.get("why").getAsString(), line::toString);
            }
        }
    }

    @Test
    void aRouteMayWaitLongerForTheBody() throws Exception {
        try (ScriptedBackend backend = ScriptedBackend.saying("ok")) {
            weir.use("""
                    routes: [{path: /, service: app, body-timeout: 20s}]
                    services: {app: {backends: ["%s"]}}
                    limits: {body-timeout: 300ms}
                    """.formatted(backend.address()));
            try (RawClient client = RawClient.connect(weir.port());
                    Http2Client second = Http2Client.connect(weir.port())) {
                client.send("POST /slow HTTP/1.1\r\n" + HOST + "Content-Length: 6\r\n\r\nabc");
                second.send(second.frames.post(1, "/slow2"), second.frames.data(1, false, "a"));
                Thread.sleep(1000);
                client.send("def");
                second.send(second.frames.data(1, true, "b"));
                assertEquals(200, client.read().status());
                assertEquals(200, second.response(1).status());
            }
        }
    }

    @Test
    void answersSlowBodiesWith408() throws Exception {
        try (ScriptedBackend backend = ScriptedBackend.saying("ok")) {
            use(backend.address(), "", "body-timeout: 300ms");
            try (RawClient client = RawClient.connect(weir.port())) {
                client.send("POST /slow-body HTTP/1.1\r\n" + HOST + "Content-Length: 10\r\n\r\nabc");
                RawResponse response = client.read();
                assertEquals(408, response.status());
                assertTrue(response.closes());
            }
            expect("/slow-body", 408, "body-timeout");
            Await.until(() -> backend.open() == 0, () -> "the backend waits for a body that does not come");
            assertEquals(0, weir.backend("app", backend.port()).get("errors").getAsInt());
        }
    }

    @Test
    void closesClientsThatSendNoFurtherRequest() throws Exception {
        try (ScriptedBackend backend = ScriptedBackend.saying("ok")) {
            use(backend.address(), "", "idle-timeout: 300ms");
            try (RawClient client = RawClient.connect(weir.port())) {
                assertEquals(
                        200,
                        client.send("GET / HTTP/1.1\r\n" + HOST + "\r\n").read().status());
                assertEquals("", client.readToEnd(), "an idle connection is closed without a word");
            }
        }
    }

    @Test
    void closesClientsThatNeverSendAnything() throws Exception {
        use("127.0.0.1:1", "", "header-timeout: 300ms, idle-timeout: 300ms");
        try (RawClient client = RawClient.connect(weir.port())) {
            assertTrue(client.closedWithin(5_000));
        }
    }

    @Test
    void answers504WhenABackendDoesNotAccept() throws Exception {
        List<Socket> queued = new ArrayList<>();
        try (ServerSocket full = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            // Nobody accepts: when the queue is full, the kernel lets further SYNs fall.
            for (int i = 0; i < 8; i++) {
                Socket socket = new Socket();
                queued.add(socket);
                try {
                    socket.connect(full.getLocalSocketAddress(), 300);
                } catch (SocketTimeoutException isFull) {
                    break;
                }
            }
            use("127.0.0.1:" + full.getLocalPort(), "connect: 300ms", "");
            assertEquals(504, RawClient.get(weir.port(), "/connect").status());
            expect("/connect", 504, "connect-timeout");
        } finally {
            for (Socket socket : queued) {
                socket.close();
            }
        }
    }

    @Test
    void answers504WhenTheResponseDoesNotCome() throws Exception {
        try (ScriptedBackend backend = silentAfter("")) {
            use(backend.address(), "response-header: 300ms", "");
            assertEquals(504, RawClient.get(weir.port(), "/head").status());
            expect("/head", 504, "response-timeout");
            Await.until(() -> backend.open() == 0, () -> "the connection was kept");
            assertEquals(1, weir.backend("app", backend.port()).get("errors").getAsInt());
        }
    }

    @Test
    void countsTheTimeToTheResponseFromTheLastByteOfTheRequest() throws Exception {
        try (ScriptedBackend backend = ScriptedBackend.saying("ok")) {
            use(backend.address(), "response-header: 400ms", "");
            try (RawClient client = RawClient.connect(weir.port())) {
                client.send("POST /upload HTTP/1.1\r\n" + HOST + "Content-Length: 8\r\n\r\n");
                for (int i = 0; i < 8; i++) {
                    Thread.sleep(100);
                    client.send("x");
                }
                assertEquals(200, client.read().status());
            }
        }
    }

    @Test
    void breaksOffResponsesThatStall() throws Exception {
        try (ScriptedBackend backend = silentAfter("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc")) {
            use(backend.address(), "idle: 300ms", "");
            try (RawClient client = RawClient.connect(weir.port())) {
                String all =
                        client.send("GET /stall HTTP/1.1\r\n" + HOST + "\r\n").readToEnd();
                assertTrue(all.endsWith("abc"), all);
            }
            expect("/stall", 200, "idle-timeout");
        }
    }

    @Test
    void letsSlowButSteadyResponsesPass() throws Exception {
        try (ScriptedBackend backend = ScriptedBackend.start(connection -> {
            connection.readRequest();
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n");
            connection.dribble("0123456789", 100);
            connection.readToEnd();
        })) {
            use(backend.address(), "idle: 500ms, response-header: 300ms", "");
            assertEquals("0123456789", RawClient.get(weir.port(), "/steady").body());
        }
    }

    @Test
    void limitsTheWholeRequestWhereAsked() throws Exception {
        try (ScriptedBackend backend = silentAfter("")) {
            use(backend.address(), "request: 300ms", "");
            assertEquals(504, RawClient.get(weir.port(), "/whole").status());
            expect("/whole", 504, "request-timeout");
        }
    }

    @Test
    void saysWhenItWasTheClientWhoStoppedReading() throws Exception {
        try (ScriptedBackend backend = ScriptedBackend.start(connection -> {
            connection.readRequest();
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n");
            byte[] block = new byte[65536];
            for (int i = 0; i < 1500; i++) {
                connection.output().write(block);
            }
        })) {
            use(backend.address(), "idle: 500ms", "");
            try (RawClient client = RawClient.connect(weir.port())) {
                client.send("GET /unread HTTP/1.1\r\n" + HOST + "\r\n");
                JsonObject line = weir.awaitLog("/unread");
                assertEquals("client-stalled", line.get("why").getAsString());
            }
            assertEquals(0, weir.backend("app", backend.port()).get("errors").getAsInt());
        }
    }
}
