package weir.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import weir.testing.Await;
import weir.testing.RawClient;
import weir.testing.RawResponse;
import weir.testing.ScriptedBackend;
import weir.testing.WeirProcess;
import weir.testing.WithWeir;

/** Exchanges that one side ends before the other expects it, and what may not be made of them (RFC 9112 section 8). */
@WithWeir
@Timeout(60)
final class EarlyEndsIT {
    private static final String HOST = "Host: a.test\r\n";

    private final WeirProcess weir;

    EarlyEndsIT(WeirProcess weir) {
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
    void breaksOffAResponseThatEndsTooSoon() throws Exception {
        try (ScriptedBackend backend = ScriptedBackend.start(connection -> {
                    connection.readRequest();
                    connection.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\npart");
                });
                RawClient client = client(backend)) {
            client.send("GET /short HTTP/1.1\r\n" + HOST + "\r\n");
            String all = client.readToEnd();
            assertTrue(all.endsWith("\r\n\r\npart"), all);
            JsonObject line = weir.awaitLog("/short");
            assertEquals("backend-reset", line.get("why").getAsString());
            assertEquals(200, line.get("status").getAsInt());
        }
    }

    @Test
    void neverEndsAChunkedBodyThatTheBackendDidNotEnd() throws Exception {
        try (ScriptedBackend backend = ScriptedBackend.start(connection -> {
                    connection.readRequest();
                    connection.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\npart\r\n");
                });
                RawClient client = client(backend)) {
            client.send("GET / HTTP/1.1\r\n" + HOST + "\r\n");
            String all = client.readToEnd();
            assertTrue(all.contains("4\r\npart"), all);
            assertTrue(!all.contains("\r\n0\r\n"), all);
        }
    }

    @Test
    void relaysTheBackendsRefusalOfABody() throws Exception {
        try (ScriptedBackend backend = ScriptedBackend.start(connection -> {
                    connection.readHead();
                    connection.send("HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno");
                    connection.readToEnd();
                });
                RawClient client = client(backend)) {
            client.send("PUT / HTTP/1.1\r\n" + HOST + "Expect: 100-continue\r\nContent-Length: 4\r\n\r\n");
            RawResponse response = client.read();
            assertEquals(403, response.status());
            assertEquals("", response.interim());
            assertTrue(response.closes(), "the client may or may not send the body: nobody knows");
        }
    }

    @Test
    void passesAnAnswerThatComesBeforeTheBodyWasSent() throws Exception {
        try (ScriptedBackend backend = ScriptedBackend.start(connection -> {
                    connection.readHead();
                    connection.send("HTTP/1.1 413 Content Too Large\r\nContent-Length: 3\r\n\r\nbig");
                    connection.readToEnd();
                });
                RawClient client = client(backend)) {
            client.send("POST /early HTTP/1.1\r\n" + HOST + "Content-Length: 1000000\r\n\r\nabc");
            RawResponse response = client.read();
            assertEquals(413, response.status());
            assertEquals("big", response.body());
            assertTrue(response.closes(), "it says so");
            client.send("more of the body that nobody wants");
            assertTrue(client.closedWithin(8_000));
            Await.until(() -> backend.connections().get(0).ended(), () -> "the backend's connection was kept");
            assertEquals(413, weir.awaitLog("/early").get("status").getAsInt());
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "POST /rest HTTP/1.1\r\nContent-Length: 60000\r\n",
                "POST /fixed HTTP/1.1\r\nContent-Length: 60000\r\n"
            })
    void readsTheRestOfAnAnsweredBodyWhereThatIsLittle(String request) throws Exception {
        try (ScriptedBackend backend = ScriptedBackend.start(connection -> {
            connection.readHead();
            connection.send("HTTP/1.1 413 Content Too Large\r\nContent-Length: 3\r\n\r\nbig");
            connection.readToEnd();
        })) {
            weir.use("""
                    routes: [{path: /fixed, respond: {status: 413, body: big}}, {path: /, service: app}]
                    services: {app: {backends: [%s], retry: {attempts: 1}}}
                    """.formatted(backend.address()));
            try (RawClient client = RawClient.connect(weir.port())) {
                for (int i = 0; i < 3; i++) {
                    client.send(request + HOST + "\r\nabc");
                    RawResponse response = client.read();
                    assertEquals(413, response.status());
                    assertTrue(!response.closes());
                    client.send("r".repeat(60_000 - 3));
                }
            }
        }
    }

    @Test
    void servesAClientThatHasClosedItsHalf() throws Exception {
        try (ScriptedBackend backend = ScriptedBackend.start(connection -> {
                    connection.readRequest();
                    Thread.sleep(100);
                    connection.send(ScriptedBackend.ok("late"));
                    connection.readToEnd();
                });
                RawClient client = client(backend)) {
            client.send("GET / HTTP/1.1\r\n" + HOST + "\r\n").shutdownOutput();
            assertEquals("late", client.read().body());
            assertTrue(client.closedWithin(2_000));
        }
    }

    @Test
    void abandonsAHalfClosedClientWhereAsked() throws Exception {
        try (ScriptedBackend backend = ScriptedBackend.start(connection -> {
            connection.readRequest();
            connection.readToEnd();
        })) {
            weir.use("""
                    limits: {half-closed: abandon}
                    routes: [{path: /, service: app}]
                    services: {app: {backends: [%s], retry: {attempts: 1}}}
                    """.formatted(backend.address()));
            try (RawClient client = RawClient.connect(weir.port())) {
                client.send("GET /closed HTTP/1.1\r\n" + HOST + "\r\n");
                Await.until(() -> backend.requests().size() == 1, () -> "no request arrived");
                client.shutdownOutput();
                JsonObject line = weir.awaitLog("/closed");
                assertEquals(499, line.get("status").getAsInt());
                assertEquals("client-gone", line.get("why").getAsString());
                Await.until(() -> backend.connections().get(0).ended(), () -> "the backend still works for nobody");
            }
        }
    }

    @Test
    void abandonsTheBackendWhenTheClientIsGone() throws Exception {
        try (ScriptedBackend backend = ScriptedBackend.start(connection -> {
                    connection.readRequest();
                    connection.readToEnd();
                });
                RawClient client = client(backend)) {
            client.send("GET /gone HTTP/1.1\r\n" + HOST + "\r\n");
            Await.until(() -> backend.requests().size() == 1, () -> "no request arrived");
            client.reset();
            JsonObject line = weir.awaitLog("/gone");
            assertEquals(499, line.get("status").getAsInt());
            assertEquals("client-gone", line.get("why").getAsString());
            Await.until(() -> backend.connections().get(0).ended(), () -> "the backend still works for nobody");
            assertEquals(
                    0,
                    weir.backend("app", backend.port()).get("errors").getAsInt(),
                    "a client's abort is not the backend's fault");
        }
    }

    @Test
    void neverSendsTheBackendAnEndThatTheClientDidNotSend() throws Exception {
        try (ScriptedBackend backend = ScriptedBackend.start(connection -> {
                    connection.readHead();
                    connection.readToEnd();
                });
                RawClient client = client(backend)) {
            client.send("POST /half HTTP/1.1\r\n" + HOST + "Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n");
            Await.until(() -> backend.received().contains("half"), () -> "no body arrived");
            client.shutdownOutput();
            weir.awaitLog("/half");
            Await.until(() -> backend.connections().get(0).ended(), () -> "the backend's connection stays open");
            assertTrue(!backend.received().contains("\r\n0\r\n"), backend.received());
        }
    }
}
