package weir.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import weir.testing.Await;
import weir.testing.Http2Client;
import weir.testing.Http2Client.Response;
import weir.testing.Http2Frames;
import weir.testing.RawClient;
import weir.testing.RequiresTool;
import weir.testing.ScriptedBackend;
import weir.testing.Tool;
import weir.testing.WebSocketEcho;
import weir.testing.WeirProcess;
import weir.testing.WithWeir;

/** HTTP/2 in the clear to clients, HTTP/1.1 to backends: messages pass whole in both directions. */
@WithWeir
@Timeout(60)
final class Http2IT {
    private final WeirProcess weir;

    Http2IT(WeirProcess weir) {
        this.weir = weir;
    }

    private void use(ScriptedBackend backend) throws IOException, InterruptedException {
        weir.use("""
                routes: [{path: /, service: app}]
                services: {app: {backends: [%s], retry: {attempts: 1}}}
                """.formatted(backend.address()));
    }

    @Test
    void translatesRequestAndResponse() throws Exception {
        try (ScriptedBackend backend = ScriptedBackend.answering(
                "HTTP/1.1 201 Made\r\nX-One: 1\r\nConnection: x-secret\r\nX-Secret: s\r\nContent-Length: 2\r\n\r\nok")) {
            use(backend);
            try (Http2Client client = Http2Client.connect(weir.port())) {
                client.send(client.frames.get(
                        1, "/translated?q=1", "cookie", "a=1", "x-y", "z", "cookie", "b=2", "cookie", "c=3"));
                Response response = client.response(1);
                assertEquals(201, response.status());
                assertEquals("ok", response.body());
                assertTrue(response.fields().contains("x-one: 1"), response::toString);
                assertTrue(response.fields().contains("content-length: 2"), response::toString);
                assertTrue(response.fields().stream().noneMatch(f -> f.startsWith("connection")), response::toString);
                assertTrue(response.fields().stream().noneMatch(f -> f.startsWith("x-secret")), response::toString);
            }
            String request = backend.onlyRequest();
            assertTrue(request.startsWith("GET /translated?q=1 HTTP/1.1\r\nhost: a.test\r\n"), request);
            assertTrue(request.contains("\r\ncookie: a=1; b=2; c=3\r\n"), request);
            assertTrue(request.contains("\r\nvia: 2.0 weir\r\n"), request);
            assertEquals(
                    "HTTP/2.0", weir.awaitLog("/translated?q=1").get("protocol").getAsString());
        }
    }

    @Test
    void passesTrailersAndInterimResponses() throws Exception {
        try (ScriptedBackend backend = ScriptedBackend.start(connection -> {
            String head = connection.readHead();
            connection.send("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n");
            String body = connection.readBody(head == null ? "" : head);
            connection.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + "4\r\ndata\r\n0\r\nX-Sum: "
                    + body.contains("x-checksum: 7") + "\r\n\r\n");
            connection.readToEnd();
        })) {
            use(backend);
            try (Http2Client client = Http2Client.connect(weir.port())) {
                client.send(
                        client.frames.post(1, "/trailers"),
                        client.frames.data(1, false, "some"),
                        client.frames.data(1, false, " data"),
                        client.frames.headers(1, true, "x-checksum", "7"));
                Http2Frames.Frame early = client.await(frame -> frame.type() == Http2Frames.HEADERS);
                assertEquals(List.of(":status: 103", "link: </a>"), client.frames.fields(early.payload()));
                Response response = client.response(1);
                assertEquals(200, response.status());
                assertEquals("data", response.body());
                assertEquals(1, response.trailers().size(), response::toString);
                assertTrue(response.trailers().get(0).startsWith("x-sum: "), response::toString);
            }
            assertTrue(backend.received().contains("some"), backend::received);
            assertTrue(backend.received().contains("x-checksum: 7"), backend::received);
        }
    }

    @Test
    void answersWithoutBodyWhereThereIsNone() throws Exception {
        try (ScriptedBackend backend = ScriptedBackend.start(connection -> {
            for (String head = connection.readRequest(); head != null; head = connection.readRequest()) {
                if (head.startsWith("HEAD")) {
                    connection.send("HTTP/1.1 200 OK\r\nContent-Length: 1234\r\n\r\n");
                } else if (head.startsWith("GET /304")) {
                    connection.send("HTTP/1.1 304 Not Modified\r\nETag: x\r\n\r\n");
                } else {
                    connection.send("HTTP/1.1 204 No Content\r\n\r\n");
                }
            }
        })) {
            use(backend);
            try (Http2Client client = Http2Client.connect(weir.port())) {
                client.send(client.frames.headers(
                        1, true, ":method", "HEAD", ":scheme", "http", ":path", "/head", ":authority", "a.test"));
                Response head = client.response(1);
                assertTrue(head.fields().contains("content-length: 1234"), head::toString);
                assertEquals("", head.body());
                client.send(client.frames.get(3, "/304"));
                assertEquals(304, client.response(3).status());
                client.send(client.frames.get(5, "/204"));
                Response empty = client.response(5);
                assertEquals(204, empty.status());
                assertTrue(empty.fields().stream().noneMatch(f -> f.startsWith("content-length")), empty::toString);
            }
        }
    }

    @Test
    void answersStreamsAsTheirBackendsDo() throws Exception {
        try (ScriptedBackend backend = ScriptedBackend.start(connection -> {
            for (String head = connection.readRequest(); head != null; head = connection.readRequest()) {
                if (head.startsWith("GET /never")) {
                    connection.readToEnd();
                } else {
                    connection.send(ScriptedBackend.ok(head.substring(4, 8)));
                }
            }
        })) {
            use(backend);
            try (Http2Client client = Http2Client.connect(weir.port())) {
                client.send(client.frames.get(1, "/never"), client.frames.get(3, "/aaa"), client.frames.get(5, "/bbb"));
                boolean third = false;
                boolean fifth = false;
                while (!third || !fifth) {
                    Http2Frames.Frame end = client.await(frame -> frame.type() == Http2Frames.DATA && frame.has(1));
                    third |= end.stream() == 3;
                    fifth |= end.stream() == 5;
                }
                client.send(client.frames.number(Http2Frames.RST_STREAM, 1, 8));
                assertEquals("client-gone", weir.awaitLog("/never").get("why").getAsString());
            }
        }
    }

    @Test
    void saysWhenAnAnswerBreaksOff() throws Exception {
        try (ScriptedBackend backend = ScriptedBackend.start(connection -> {
            connection.readRequest();
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n12345");
            connection.reset();
        })) {
            use(backend);
            try (Http2Client client = Http2Client.connect(weir.port())) {
                client.send(client.frames.get(1, "/broken"));
                Response response = client.response(1);
                assertEquals(200, response.status());
                assertEquals(2, response.reset());
            }
            assertEquals("backend-reset", weir.awaitLog("/broken").get("why").getAsString());
        }
    }

    @Test
    void answersBeforeTheRequestEndsAndWantsNoMoreOfIt() throws Exception {
        weir.use("routes: [{path: /early, respond: {status: 403, body: no}}]");
        try (Http2Client client = Http2Client.connect(weir.port())) {
            client.send(client.frames.post(1, "/early"), client.frames.data(1, false, "some"));
            Response response = client.response(1);
            assertEquals(403, response.status());
            assertEquals("no", response.body());
            Http2Frames.Frame reset = client.await(frame -> frame.type() == Http2Frames.RST_STREAM);
            assertEquals(0, reset.number(0));
            // What was under way meanwhile harms nobody.
            client.send(client.frames.data(1, true, "more"), client.frames.get(3, "/early"));
            assertEquals(403, client.response(3).status());
        }
    }

    /** curl 7.88 loses a response that it finds in one read with the reset of its stream. */
    @Test
    @RequiresTool("curl")
    void curlReadsAnAnswerToAnUploadThatGoesOn() throws Exception {
        weir.use("routes: [{path: /early, respond: {status: 403, body: no}}]");
        String url = "http://127.0.0.1:" + weir.port() + "/early";
        for (int i = 0; i < 5; i++) {
            Tool.Result curl = Tool.feed(
                    "a".repeat(1_000_000),
                    Path.of(""),
                    "curl",
                    "-sS",
                    "--http2-prior-knowledge",
                    "-w",
                    "%{http_code}",
                    "--data-binary",
                    "@-",
                    url);
            assertEquals("no403", curl.out(), curl::err);
        }
    }

    @Test
    void opensWebSocketsByExtendedConnect() throws Exception {
        try (ScriptedBackend backend = ScriptedBackend.start(connection -> {
            String head = connection.readHead();
            assertTrue(head != null && head.contains("upgrade: websocket"), head);
            WebSocketEcho.accept(connection, head);
            connection.send("<" + connection.readExactly(5) + ">");
            connection.readToEnd();
        })) {
            use(backend);
            try (Http2Client client = Http2Client.connect(weir.port())) {
                client.send(
                        client.frames.headers(
                                1,
                                false,
                                ":method",
                                "CONNECT",
                                ":protocol",
                                "websocket",
                                ":scheme",
                                "http",
                                ":path",
                                "/ws2",
                                ":authority",
                                "a.test",
                                "sec-websocket-version",
                                "13",
                                "sec-websocket-protocol",
                                "chat"),
                        client.frames.data(1, false, "early"));
                Http2Frames.Frame head = client.await(frame -> frame.type() == Http2Frames.HEADERS);
                List<String> fields = client.frames.fields(head.payload());
                assertEquals(":status: 200", fields.get(0));
                assertTrue(fields.contains("sec-websocket-protocol: chat"), fields::toString);
                assertTrue(fields.stream().noneMatch(f -> f.startsWith("sec-websocket-accept")), fields::toString);
                StringBuilder echoed = new StringBuilder();
                while (echoed.length() < 7) {
                    echoed.append(new String(
                            client.await(frame -> frame.type() == Http2Frames.DATA)
                                    .payload(),
                            StandardCharsets.ISO_8859_1));
                }
                assertEquals("<early>", echoed.toString());
                client.send(client.frames.data(1, true, "bye"));
                client.await(frame -> frame.type() == Http2Frames.DATA && frame.has(Http2Frames.END_STREAM));
            }
            assertEquals(101, weir.awaitLog("/ws2").get("status").getAsInt());
            assertTrue(backend.received().matches("(?s).*\r\nsec-websocket-key: [A-Za-z0-9+/]{22}==\r\n.*"));
            assertTrue(backend.received().endsWith("earlybye"), backend::received);
        }
    }

    @Test
    void doesNotTakeAnotherSuccessForAWebSocket() throws Exception {
        try (ScriptedBackend backend = ScriptedBackend.saying("no socket here")) {
            use(backend);
            try (Http2Client client = Http2Client.connect(weir.port())) {
                client.send(client.frames.headers(
                        1,
                        false,
                        ":method",
                        "CONNECT",
                        ":protocol",
                        "websocket",
                        ":scheme",
                        "http",
                        ":path",
                        "/no-ws",
                        ":authority",
                        "a.test"));
                assertEquals(502, client.response(1).status());
            }
        }
    }

    @Test
    void doesNotTakeAnAnswerToAnotherKeyForAWebSocket() throws Exception {
        for (String accept : new String[] {"", "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"}) {
            try (ScriptedBackend backend =
                    ScriptedBackend.answering("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n"
                            + "Upgrade: websocket\r\n" + accept + "\r\n")) {
                use(backend);
                String path = "/another-key-" + accept.length();
                try (Http2Client client = Http2Client.connect(weir.port())) {
                    client.send(client.frames.headers(
                            1,
                            false,
                            ":method",
                            "CONNECT",
                            ":protocol",
                            "websocket",
                            ":scheme",
                            "http",
                            ":path",
                            path,
                            ":authority",
                            "a.test"));
                    assertEquals(502, client.response(1).status());
                }
                assertEquals("invalid-response", weir.awaitLog(path).get("why").getAsString());
                Await.until(() -> backend.open() == 0, () -> "the switched connection was kept");
            }
        }
    }

    @Test
    void stillSpeaksHttp1WhereThePrefaceIsNone() throws Exception {
        weir.use("routes: [{path: /, respond: {status: 200, body: one}}]");
        for (String method : new String[] {"PRI", "P", "PRIM", "POST"}) {
            try (RawClient client = RawClient.connect(weir.port())) {
                client.send(method.substring(0, 1));
                client.send(method.substring(1) + " /x HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n");
                assertEquals(200, client.read().status(), method);
            }
        }
    }

    @Test
    @RequiresTool({"curl", "nghttp", "h2load"})
    void servesOtherPeoplesClients() throws Exception {
        try (ScriptedBackend backend = ScriptedBackend.saying("x".repeat(300_000))) {
            use(backend);
            String url = "http://127.0.0.1:" + weir.port();
            Tool.Result curl =
                    Tool.run("curl", "-sS", "--http2-prior-knowledge", "-d", "a".repeat(50_000), url + "/curl");
            assertEquals(300_000, curl.out().length(), curl::err);
            Tool.Result nghttp = Tool.run("nghttp", "--no-push", url + "/n1", url + "/n2");
            assertEquals(600_000, nghttp.out().length(), nghttp::err);
            Tool.Result h2load = Tool.run("h2load", "-n", "400", "-c", "4", "-m", "20", url + "/h");
            assertTrue(h2load.out().contains("400 succeeded, 0 failed, 0 errored"), h2load::said);
        }
    }
}
