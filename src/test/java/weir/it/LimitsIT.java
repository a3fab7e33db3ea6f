package weir.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import weir.testing.Await;
import weir.testing.RawClient;
import weir.testing.RawResponse;
import weir.testing.ScriptedBackend;
import weir.testing.WeirProcess;
import weir.testing.WithWeir;

/** What clients may send, and how many of them there may be. */
@WithWeir
@Timeout(60)
final class LimitsIT {
    private static final String HOST = "Host: a.test\r\n";

    private final WeirProcess weir;
    private final ScriptedBackend backend = ScriptedBackend.saying("ok");

    LimitsIT(WeirProcess weir) throws IOException {
        this.weir = weir;
    }

    @AfterEach
    void stopBackend() throws IOException {
        backend.close();
    }

    private void use(String limits) throws IOException, InterruptedException {
        weir.use("""
                routes: [{path: /, service: app}]
                services: {app: {backends: [%s]}}
                limits: {%s}
                """.formatted(backend.address(), limits));
    }

    private void refused(String request, int status, String why) throws IOException, InterruptedException {
        int lines = weir.stdoutLines().size();
        try (RawClient client = RawClient.connect(weir.port())) {
            client.send(request);
            RawResponse response = client.read();
            assertEquals(status, response.status());
            assertTrue(response.closes());
            assertEquals("", client.readToEnd());
        }
        JsonObject line =
                weir.awaitLogAfter(lines, l -> l.get("why").getAsString().equals(why));
        assertEquals(status, line.get("status").getAsInt());
    }

    @Test
    void limitsTheRequestLine() throws Exception {
        use("request-line: 1KiB");
        assertEquals(200, RawClient.get(weir.port(), "/" + "x".repeat(900)).status());
        refused("GET /" + "x".repeat(1100) + " HTTP/1.1\r\n" + HOST + "\r\n", 414, "target-too-long");
    }

    @Test
    void limitsTheFields() throws Exception {
        use("headers: 2KiB");
        refused("GET / HTTP/1.1\r\n" + HOST + "X-A: " + "x".repeat(2100) + "\r\n\r\n", 431, "headers-too-large");
        refused(
                "GET / HTTP/1.1\r\n" + HOST + ("X-A: " + "x".repeat(50) + "\r\n").repeat(40) + "\r\n",
                431,
                "headers-too-large");
        assertEquals("", backend.received());
    }

    @Test
    void limitsTheNumberOfFields() throws Exception {
        use("header-count: 10");
        refused("GET / HTTP/1.1\r\n" + HOST + "A: b\r\n".repeat(10) + "\r\n", 431, "too-many-headers");
        assertEquals(
                200,
                RawClient.exchange(weir.port(), "GET / HTTP/1.1\r\n" + HOST + "A: b\r\n".repeat(9) + "\r\n")
                        .status());
    }

    @Test
    void refusesBodiesThatAnnounceToBeTooLong() throws Exception {
        use("body: 1KiB");
        refused("POST /long HTTP/1.1\r\n" + HOST + "Content-Length: 1025\r\n\r\n", 413, "body-too-large");
        assertEquals("", backend.received());
        String fits = "POST / HTTP/1.1\r\n" + HOST + "Content-Length: 1024\r\n\r\n" + "x".repeat(1024);
        assertEquals(200, RawClient.exchange(weir.port(), fits).status());
    }

    @Test
    void refusesBodiesThatTurnOutToBeTooLong() throws Exception {
        use("body: 1KiB");
        String chunk = "200\r\n" + "x".repeat(512) + "\r\n";
        String head = "POST /grows HTTP/1.1\r\n" + HOST + "Transfer-Encoding: chunked\r\n\r\n";
        refused(head + chunk.repeat(3), 413, "body-too-large");
        Await.until(() -> backend.open() == 0, () -> "the backend waits for the rest");
        assertEquals(
                200,
                RawClient.exchange(weir.port(), head + chunk.repeat(2) + "0\r\n\r\n")
                        .status());
    }

    @Test
    void closesTheOldestIdleConnectionForANewcomer() throws Exception {
        use("connections: 3");
        try (RawClient one = RawClient.connect(weir.port());
                RawClient two = RawClient.connect(weir.port());
                RawClient three = RawClient.connect(weir.port())) {
            for (RawClient client : new RawClient[] {one, two, three}) {
                assertEquals(
                        200,
                        client.send("GET / HTTP/1.1\r\n" + HOST + "\r\n").read().status());
                Thread.sleep(700);
            }
            try (RawClient four = RawClient.connect(weir.port())) {
                assertEquals(
                        200,
                        four.send("GET / HTTP/1.1\r\n" + HOST + "\r\n").read().status());
            }
            // Of several loops the newcomer's own closes the oldest that it has.
            List<RawClient> closed = new ArrayList<>();
            for (RawClient client : new RawClient[] {one, two, three}) {
                if (client.closedWithin(500)) {
                    closed.add(client);
                } else {
                    assertEquals(
                            200,
                            client.send("GET / HTTP/1.1\r\n" + HOST + "\r\n")
                                    .read()
                                    .status());
                }
            }
            assertEquals(1, closed.size());
            assertTrue(!weir.toString().contains("threads: 1") || closed.contains(one));
        }
        Await.until(this::serves, () -> "places were not given back");
    }

    @Test
    void refusesANewcomerWhenNoConnectionIsIdle() throws Exception {
        use("connections: 1");
        try (RawClient busy = RawClient.connect(weir.port())) {
            busy.send("POST / HTTP/1.1\r\n" + HOST + "Content-Length: 2\r\n\r\n1");
            Await.until(() -> backend.received().contains("POST /"), () -> "the backend was not asked");
            refused("GET /more HTTP/1.1\r\n" + HOST + "\r\n", 503, "connections");
            assertEquals(200, busy.send("2").read().status());
        }
        Await.until(this::serves, () -> "places were not given back");
    }

    private boolean serves() throws InterruptedException {
        try {
            return RawClient.get(weir.port(), "/").status() == 200;
        } catch (IOException refused) {
            return false;
        }
    }

    @Test
    void limitsConnectionsOfOneAddress() throws Exception {
        use("connections-per-address: 2");
        try (RawClient one = RawClient.connect(weir.port());
                RawClient two = RawClient.connect(weir.port())) {
            assertEquals(
                    200, one.send("GET / HTTP/1.1\r\n" + HOST + "\r\n").read().status());
            assertEquals(
                    200, two.send("GET / HTTP/1.1\r\n" + HOST + "\r\n").read().status());
            try (RawClient three = RawClient.connect(weir.port());
                    RawClient other = RawClient.from("127.0.0.2", weir.port())) {
                assertEquals("", three.readToEnd());
                assertNull(
                        other.send("GET / HTTP/1.1\r\n" + HOST + "\r\n").read().field("connection"));
            }
        }
        Await.until(this::serves, () -> "places were not given back");
    }
}
