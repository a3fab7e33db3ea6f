package weir.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import weir.testing.Await;
import weir.testing.RawClient;
import weir.testing.RawResponse;
import weir.testing.ScriptedBackend;
import weir.testing.WeirProcess;
import weir.testing.WithWeir;

/** What backends send is read as strictly as what clients send: 502, connection closed and never used again. */
@WithWeir
@Timeout(60)
final class BadResponsesIT {
    private static final String OK = "HTTP/1.1 200 OK\r\n";
    private static final String LENGTH = OK + "Content-Length: 5\r\n";

    private final WeirProcess weir;

    BadResponsesIT(WeirProcess weir) {
        this.weir = weir;
    }

    static Stream<Arguments> responses() {
        return Stream.of(
                Arguments.of("two framings", LENGTH + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
                Arguments.of("two lengths", LENGTH + "Content-Length: 6\r\n\r\nhello!"),
                Arguments.of("listed lengths", OK + "Content-Length: 5, 6\r\n\r\nhello"),
                Arguments.of("signed length", OK + "Content-Length: +5\r\n\r\nhello"),
                Arguments.of("hexadecimal length", OK + "Content-Length: 0x5\r\n\r\nhello"),
                Arguments.of("empty length", OK + "Content-Length:\r\n\r\nhello"),
                Arguments.of("length too large", OK + "Content-Length: 99999999999999999999\r\n\r\nhello"),
                Arguments.of("chunked twice", OK + "Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n"),
                Arguments.of("unknown coding", OK + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"),
                Arguments.of("no status", "HTTP/1.1 OK\r\nContent-Length: 0\r\n\r\n"),
                Arguments.of("short status", "HTTP/1.1 20 OK\r\nContent-Length: 0\r\n\r\n"),
                Arguments.of("long status", "HTTP/1.1 2000 OK\r\nContent-Length: 0\r\n\r\n"),
                Arguments.of("status below 100", "HTTP/1.1 099 OK\r\nContent-Length: 0\r\n\r\n"),
                Arguments.of("no version", "200 OK\r\nContent-Length: 0\r\n\r\n"),
                Arguments.of("version 2", "HTTP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n"),
                Arguments.of("another protocol", "SSH-2.0-OpenSSH_9.6\r\n\r\n"),
                Arguments.of("folded field", OK + "X-A: b\r\n c\r\nContent-Length: 0\r\n\r\n"),
                Arguments.of("space before colon", OK + "Content-Length : 5\r\n\r\nhello"),
                Arguments.of("space in name", OK + "X A: b\r\nContent-Length: 0\r\n\r\n"),
                Arguments.of("empty name", OK + ": b\r\nContent-Length: 0\r\n\r\n"),
                Arguments.of("no colon", OK + "X-A\r\nContent-Length: 0\r\n\r\n"),
                Arguments.of("NUL in value", OK + "X-A: b\0c\r\nContent-Length: 0\r\n\r\n"),
                Arguments.of("bare CR in value", OK + "X-A: b\rc\r\nContent-Length: 0\r\n\r\n"),
                Arguments.of("bare LF", "HTTP/1.1 200 OK\nContent-Length: 0\n\n"),
                Arguments.of("unasked switch", "HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\n\r\n"),
                Arguments.of("endless interim", "HTTP/1.1 103 Early Hints\r\n\r\n".repeat(100)),
                Arguments.of("head too large", OK + "X-A: " + "b".repeat(70_000) + "\r\n\r\n"));
    }

    private void use(ScriptedBackend backend) throws Exception {
        weir.use("""
                routes: [{path: /, service: app}]
                services: {app: {backends: [%s], retry: {attempts: 2}, ejection: {consecutive-errors: 0}}}
                """.formatted(backend.address()));
    }

    @ParameterizedTest
    @MethodSource("responses")
    void answersInvalidResponsesWith502(String name, String bytes) throws Exception {
        try (ScriptedBackend backend = ScriptedBackend.start(connection -> {
            connection.readRequest();
            connection.send(bytes);
            connection.readToEnd();
        })) {
            use(backend);
            String path = "/" + name.replace(' ', '-');
            try (RawClient client = RawClient.connect(weir.port())) {
                RawResponse response = client.send("GET " + path + " HTTP/1.1\r\nHost: a.test\r\n\r\n")
                        .read();
                assertEquals(502, response.status());
                assertEquals("502 Bad Gateway\n", response.body(), "nothing of the inside");
            }
            Await.until(() -> backend.open() == 0, () -> "the connection was kept");
            JsonObject line = weir.awaitLog(path);
            String why = name.equals("head too large") ? "response-head-too-large" : "invalid-response";
            assertEquals(why, line.get("why").getAsString());
            assertEquals(1, line.getAsJsonArray("attempts").size(), "an invalid response is not asked for again");
            assertTrue(weir.backend("app", backend.port()).get("errors").getAsInt() > 0);
        }
    }

    static Stream<Arguments> bodies() {
        String chunked = OK + "Transfer-Encoding: chunked\r\n\r\n";
        return Stream.of(
                Arguments.of("size is no number", chunked + "5\r\nhello\r\nxyz\r\n"),
                Arguments.of("size too large", chunked + "5\r\nhello\r\n10000000000000000\r\n"),
                Arguments.of("data without end", chunked + "5\r\nhelloworld\r\n0\r\n\r\n"),
                Arguments.of("bare LF after size", chunked + "5\r\nhello\r\n5\nhello\r\n0\r\n\r\n"),
                Arguments.of("bad trailer", chunked + "5\r\nhello\r\n0\r\nx y: z\r\n\r\n"));
    }

    @ParameterizedTest
    @MethodSource("bodies")
    void breaksOffInvalidBodies(String name, String bytes) throws Exception {
        try (ScriptedBackend backend = ScriptedBackend.start(connection -> {
            connection.readRequest();
            connection.send(bytes);
            connection.readToEnd();
        })) {
            use(backend);
            String path = "/" + name.replace(' ', '-');
            try (RawClient client = RawClient.connect(weir.port())) {
                String all = client.send("GET " + path + " HTTP/1.1\r\nHost: a.test\r\n\r\n")
                        .readToEnd();
                assertTrue(!all.contains("\r\n0\r\n"), all);
            }
            Await.until(() -> backend.open() == 0, () -> "the connection was kept");
            assertEquals("invalid-response", weir.awaitLog(path).get("why").getAsString());
        }
    }

    @Test
    void neverReusesAConnectionWithBytesLeftOver() throws Exception {
        try (ScriptedBackend backend = ScriptedBackend.answering(ScriptedBackend.ok("ok") + ScriptedBackend.ok("no"))) {
            use(backend);
            try (RawClient client = RawClient.connect(weir.port())) {
                for (int i = 0; i < 5; i++) {
                    assertEquals(
                            "ok",
                            client.send("GET /left HTTP/1.1\r\nHost: a.test\r\n\r\n")
                                    .read()
                                    .body());
                }
            }
            assertEquals(5, backend.connections().size());
        }
    }

    @Test
    void passesFieldNamesWithUnderscores() throws Exception {
        try (ScriptedBackend backend =
                ScriptedBackend.answering(OK + "X_Under_Score: yes\r\nContent-Length: 0\r\n\r\n")) {
            use(backend);
            assertEquals("yes", RawClient.get(weir.port(), "/").field("x_under_score"));
        }
    }

    @Test
    void removesHopByHopFields() throws Exception {
        try (ScriptedBackend backend = ScriptedBackend.answering(OK
                + "Connection: keep-alive, X-Secret\r\nKeep-Alive: timeout=5\r\nX-Secret: 1\r\nProxy-Connection: x\r\n"
                + "X-Kept: 1\r\nContent-Length: 0\r\n\r\n")) {
            use(backend);
            RawResponse response = RawClient.get(weir.port(), "/");
            assertEquals("1", response.field("x-kept"));
            for (String name : new String[] {"keep-alive", "x-secret", "proxy-connection", "connection"}) {
                assertEquals(0, response.fields(name).size(), response::head);
            }
        }
    }
}
