package weir.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import weir.testing.RawClient;
import weir.testing.RawHead;
import weir.testing.RawResponse;
import weir.testing.ScriptedBackend;
import weir.testing.WeirProcess;
import weir.testing.WithWeir;

/** HTTP/1.1 from one end to the other: persistence, framing, interim responses (RFC 9110, RFC 9112). */
@WithWeir
@Timeout(60)
final class MessagesIT {
    private static final String HOST = "Host: a.test\r\n";

    private final WeirProcess weir;

    MessagesIT(WeirProcess weir) {
        this.weir = weir;
    }

    private RawClient client(ScriptedBackend backend) throws IOException, InterruptedException {
        weir.use("""
                routes: [{path: /, service: app}]
                services: {app: {backends: [%s], retry: {attempts: 1}}}
                """.formatted(backend.address()));
        return RawClient.connect(weir.port());
    }

    @Test
    void servesOneRequestAfterAnotherOnOneConnection() throws Exception {
        try (ScriptedBackend backend = ScriptedBackend.saying("ok");
                RawClient client = client(backend)) {
            for (int i = 0; i < 20; i++) {
                RawResponse response = client.send("GET /" + i + " HTTP/1.1\r\n" + HOST + "\r\n")
                        .read();
                assertEquals(200, response.status());
                assertEquals("ok", response.body());
                assertNull(response.field("connection"));
            }
            assertEquals(1, backend.connections().size());
        }
    }

    @Test
    void answersPipelinedRequestsInOrder() throws Exception {
        try (ScriptedBackend backend = ScriptedBackend.start(connection -> {
                    for (String head = connection.readRequest(); head != null; head = connection.readRequest()) {
                        String target = RawHead.target(head);
                        Thread.sleep(target.endsWith("0") ? 60 : 0);
                        connection.send(ScriptedBackend.ok(target));
                    }
                });
                RawClient client = client(backend)) {
            StringBuilder all = new StringBuilder();
            for (int i = 0; i < 30; i++) {
                all.append(i % 3 == 1 ? "POST" : "GET").append(" /n").append(i).append(" HTTP/1.1\r\n" + HOST);
                all.append(i % 3 == 1 ? "Content-Length: 3\r\n\r\nabc" : "\r\n");
            }
            client.send(all.toString());
            for (int i = 0; i < 30; i++) {
                assertEquals("/n" + i, client.read().body());
            }
        }
    }

    @Test
    void closesAfterTheResponseWhenTheClientAsksForIt() throws Exception {
        try (ScriptedBackend backend = ScriptedBackend.saying("ok");
                RawClient client = client(backend)) {
            RawResponse response = client.send("GET / HTTP/1.1\r\n" + HOST + "Connection: close\r\n\r\n")
                    .read();
            assertEquals("ok", response.body());
            assertTrue(response.closes());
            assertTrue(client.closedWithin(2_000));
            assertNull(RawHead.value(backend.onlyRequest(), "connection"));
        }
    }

    @Test
    void speaksOldHttpWithOldClients() throws Exception {
        try (ScriptedBackend backend = ScriptedBackend.answering(
                        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n");
                RawClient client = client(backend)) {
            client.send("GET /old HTTP/1.0\r\n\r\n");
            String all = client.readToEnd();
            assertTrue(all.startsWith("HTTP/1.1 200 "), all);
            assertTrue(all.endsWith("\r\n\r\nabcde"), all);
            assertTrue(!all.toLowerCase(java.util.Locale.ROOT).contains("transfer-encoding"), all);
            assertTrue(backend.onlyRequest().startsWith("GET /old HTTP/1.1\r\n"));
            assertEquals("HTTP/1.0", weir.awaitLog("/old").get("protocol").getAsString());
        }
    }

    @Test
    void keepsAnOldClientsConnectionWhenItAsksForIt() throws Exception {
        try (ScriptedBackend backend = ScriptedBackend.saying("ok");
                RawClient client = client(backend)) {
            String request = "GET / HTTP/1.0\r\n" + HOST + "Connection: keep-alive\r\n\r\n";
            assertEquals("keep-alive", client.send(request).read().field("connection"));
            assertEquals("ok", client.send(request).read().body());
        }
    }

    @Test
    void sendsNoBodyInAnswerToHead() throws Exception {
        try (ScriptedBackend backend = ScriptedBackend.answering("HTTP/1.1 200 OK\r\nContent-Length: 12345\r\n\r\n");
                RawClient client = client(backend)) {
            RawResponse head =
                    client.send("HEAD /h HTTP/1.1\r\n" + HOST + "\r\n").read(true);
            assertEquals("12345", head.field("content-length"));
            assertEquals(
                    "12345",
                    client.send("HEAD /h HTTP/1.1\r\n" + HOST + "\r\n")
                            .read(true)
                            .field("content-length"));
            assertEquals(1, backend.connections().size());
        }
    }

    @Test
    void sendsNoBodyWithStatusesThatHaveNone() throws Exception {
        for (String status : List.of("204 No Content", "304 Not Modified")) {
            String fields = status.startsWith("304") ? "Content-Length: 99\r\n" : "";
            try (ScriptedBackend backend =
                            ScriptedBackend.answering("HTTP/1.1 " + status + "\r\nETag: \"e\"\r\n" + fields + "\r\n");
                    RawClient client = client(backend)) {
                for (int i = 0; i < 2; i++) {
                    RawResponse response =
                            client.send("GET / HTTP/1.1\r\n" + HOST + "\r\n").read();
                    assertEquals(Integer.parseInt(status.substring(0, 3)), response.status());
                    assertEquals("\"e\"", response.field("etag"));
                }
                assertEquals(1, backend.connections().size());
            }
        }
    }

    @Test
    void passesChunksAndTrailersBothWays() throws Exception {
        try (ScriptedBackend backend = ScriptedBackend.start(connection -> {
                    String head = connection.readHead();
                    String body = connection.readBody(head);
                    connection.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n");
                    connection.send(Integer.toHexString(body.length()) + "\r\n" + body + "\r\n");
                    connection.send("0\r\nX-Sum: 42\r\n\r\n");
                    connection.readToEnd();
                });
                RawClient client = client(backend)) {
            client.send("POST /t HTTP/1.1\r\n" + HOST + "Transfer-Encoding: chunked\r\nTrailer: X-Check\r\n\r\n");
            client.send("5\r\nhello\r\n6;x=y\r\n world\r\n0\r\nX-Check: 7\r\n\r\n");
            String body = client.read().body();
            assertTrue(body.startsWith("hello world"), body);
            assertTrue(body.toLowerCase(java.util.Locale.ROOT).contains("x-check: 7\r\n"), body);
            assertTrue(body.endsWith("X-Sum: 42\r\n"), body);
        }
    }

    @Test
    void passesABodyThatEndsWithTheConnection() throws Exception {
        try (ScriptedBackend backend = ScriptedBackend.start(connection -> {
                    connection.readRequest();
                    connection.send("HTTP/1.1 200 OK\r\n\r\nuntil the end");
                });
                RawClient client = client(backend)) {
            RawResponse response =
                    client.send("GET / HTTP/1.1\r\n" + HOST + "\r\n").read();
            assertEquals("until the end", response.body());
        }
    }

    @Test
    void relaysTheBackendsConsentToABody() throws Exception {
        try (ScriptedBackend backend = ScriptedBackend.start(connection -> {
                    String head = connection.readHead();
                    assertEquals("100-continue", RawHead.value(head, "expect"));
                    Thread.sleep(100);
                    connection.send("HTTP/1.1 100 Continue\r\n\r\n");
                    connection.send(ScriptedBackend.ok(connection.readBody(head)));
                    connection.readToEnd();
                });
                RawClient client = client(backend)) {
            client.send("PUT /e HTTP/1.1\r\n" + HOST + "Expect: 100-continue\r\nContent-Length: 4\r\n\r\n");
            assertTrue(client.readHead().startsWith("HTTP/1.1 100 "));
            assertEquals("body", client.send("body").read().body());
        }
    }

    @Test
    void relaysEarlyHints() throws Exception {
        String hints = "HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n";
        try (ScriptedBackend backend = ScriptedBackend.answering(hints + hints + ScriptedBackend.ok("ok"));
                RawClient client = client(backend)) {
            RawResponse response =
                    client.send("GET / HTTP/1.1\r\n" + HOST + "\r\n").read();
            assertEquals(2, response.interim().split("HTTP/1.1 103 ", -1).length - 1, response.interim());
            assertTrue(response.interim().contains("</a.css>; rel=preload"));
            assertEquals("ok", response.body());
            String old = RawClient.exchange(weir.port(), "GET / HTTP/1.0\r\n" + HOST + "\r\n")
                    .interim();
            assertEquals("", old, "HTTP/1.0 knows no interim responses");
        }
    }

    @Test
    void refusesConnect() throws Exception {
        try (ScriptedBackend backend = ScriptedBackend.saying("ok");
                RawClient client = client(backend)) {
            RawResponse response = client.send("CONNECT a.test:443 HTTP/1.1\r\nHost: a.test:443\r\n\r\n")
                    .read();
            assertEquals(405, response.status());
            assertEquals("", backend.received());
            weir.awaitLog(line -> line.get("why").getAsString().equals("connect-refused"));
        }
    }

    @Test
    void passesBodiesByteForByte() throws Exception {
        StringBuilder bytes = new StringBuilder();
        for (int i = 0; i < 256 * 40; i++) {
            bytes.append((char) (i * 7 % 256));
        }
        String body = bytes.toString();
        try (ScriptedBackend backend = ScriptedBackend.start(connection -> {
                    String head = connection.readHead();
                    connection.send(ScriptedBackend.ok(connection.readBody(head)));
                    connection.readToEnd();
                });
                RawClient client = client(backend)) {
            client.send("POST / HTTP/1.1\r\n" + HOST + "Content-Length: " + body.length() + "\r\n\r\n" + body);
            assertTrue(body.equals(client.read().body()), "the body was changed");
        }
    }

    @Test
    void survivesRequestsThatArriveByteByByte() throws Exception {
        try (ScriptedBackend backend = ScriptedBackend.start(connection -> {
                    for (String head = connection.readRequest(); head != null; head = connection.readRequest()) {
                        connection.dribble(ScriptedBackend.ok("dribbled"), 1);
                    }
                });
                RawClient client = client(backend)) {
            String request = "POST /d HTTP/1.1\r\n" + HOST + "Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n";
            for (int round = 0; round < 2; round++) {
                for (char c : request.toCharArray()) {
                    client.send(String.valueOf(c));
                }
                assertEquals("dribbled", client.read().body());
            }
        }
    }
}
