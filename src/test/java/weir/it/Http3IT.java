package weir.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import weir.testing.Await;
import weir.testing.Http3Client;
import weir.testing.Http3ClientRequest;
import weir.testing.Http3Site;
import weir.testing.RawClient;
import weir.testing.ScriptedBackend;
import weir.testing.TlsClient;
import weir.testing.WeirProcess;
import weir.testing.WithWeir;

/** HTTP/3 to clients, as Netty's QUIC client finds it. */
@WithWeir
@Timeout(120)
final class Http3IT {
    private static final String HOST = ":authority: a.test";
    private static final String HTTPS = ":scheme: https";

    private final WeirProcess weir;

    @TempDir
    private Path files;

    private Http3Site site;

    Http3IT(WeirProcess weir) {
        this.weir = weir;
    }

    @BeforeEach
    void makeCertificates() throws Exception {
        site = new Http3Site(files);
    }

    @Test
    void answersAndSaysSoInTheLog() throws Exception {
        try (ScriptedBackend backend = ScriptedBackend.saying("hello")) {
            weir.use(site.yaml(backend));
            try (Http3Client client = site.connect(weir)) {
                Http3ClientRequest response = client.get("a.test", "/simple?q=1");
                assertEquals(200, response.status(), response::toString);
                assertEquals("hello", response.body());
                JsonObject line = weir.awaitLog("/simple?q=1");
                assertEquals("HTTP/3.0", line.get("protocol").getAsString());
                assertEquals("TLSv1.3", line.get("tls").getAsString());
                assertEquals("a.test", line.get("sni").getAsString());
                assertEquals("web", line.get("listener").getAsString());
                assertEquals(5, line.get("bytes_out").getAsInt());
                String request = backend.onlyRequest();
                assertTrue(request.startsWith("GET /simple?q=1 HTTP/1.1\r\nhost: a.test\r\n"), request);
                assertTrue(request.contains("\r\nx-forwarded-proto: https\r\n"), request);
                assertTrue(request.contains("\r\nvia: 3.0 weir\r\n"), request);
                assertTrue(!request.contains("transfer-encoding"), request);
            }
        }
    }

    @Test
    void routesByHostAndPath() throws Exception {
        try (ScriptedBackend one = ScriptedBackend.saying("one");
                ScriptedBackend two = ScriptedBackend.saying("two")) {
            weir.use(site.listener("") + """
                    routes:
                      - {host: a.test, path: /one, service: one}
                      - {host: b.test, service: two}
                    services: {one: {backends: [%s]}, two: {backends: [%s]}}
                    """.formatted(one.address(), two.address()));
            try (Http3Client client = site.connect(weir)) {
                assertEquals("one", client.get("a.test", "/one/x").body());
                assertEquals("two", client.get("B.test:443", "/two").body());
                assertEquals(404, client.get("a.test", "/none").status());
                assertEquals("no-route", weir.awaitLog("/none").get("why").getAsString());
                Http3ClientRequest host = client.open().head(true, ":method: GET", HTTPS, ":path: /h", "host: b.test");
                assertEquals("two", host.awaitEnd().body(), "a Host field without an authority");
            }
        }
    }

    @Test
    void refusesHostsOfOtherCertificatesWhereAsked() throws Exception {
        try (ScriptedBackend backend = ScriptedBackend.saying("one")) {
            weir.use(site.yaml(backend).replace("tls: {", "tls: {misdirected: certificate, "));
            try (Http3Client client = site.connect(weir)) {
                assertEquals(200, client.get("A.test:443", "/").status());
                assertEquals(421, client.get("b.test", "/misdirected").status());
                assertEquals(
                        "misdirected", weir.awaitLog("/misdirected").get("why").getAsString());
            }
        }
    }

    @Test
    void passesBodiesWithAndWithoutALength() throws Exception {
        try (ScriptedBackend backend = ScriptedBackend.start(connection -> {
            for (String head = connection.readHead(); head != null; head = connection.readHead()) {
                connection.send(ScriptedBackend.ok(connection.readBody(head)));
            }
        })) {
            weir.use(site.yaml(backend));
            try (Http3Client client = site.connect(weir)) {
                Http3ClientRequest known = client.open()
                        .head(false, ":method: POST", HTTPS, HOST, ":path: /known", "content-length: 7")
                        .data("one", false)
                        .data(" two", true)
                        .awaitEnd();
                assertEquals("one two", known.body());
                assertTrue(backend.requests().get(0).contains("content-length: 7\r\n"), backend::received);
                Http3ClientRequest unknown = client.open()
                        .head(false, ":method: PUT", HTTPS, HOST, ":path: /unknown", "cookie: a=1", "cookie: b=2")
                        .data("three", false)
                        .end()
                        .awaitEnd();
                assertEquals("three", unknown.body());
                String request = backend.requests().get(1);
                assertTrue(request.contains("transfer-encoding: chunked\r\n"), request);
                assertTrue(request.contains("cookie: a=1; b=2\r\n"), request);
                Http3ClientRequest empty = client.open()
                        .head(true, ":method: POST", HTTPS, HOST, ":path: /empty")
                        .awaitEnd();
                assertEquals(200, empty.status());
                assertEquals(7, weir.awaitLog("/known").get("bytes_in").getAsInt());
                assertEquals(5, weir.awaitLog("/unknown").get("bytes_in").getAsInt());
                assertEquals(0, weir.awaitLog("/empty").get("bytes_in").getAsInt());
            }
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
            weir.use(site.yaml(backend));
            try (Http3Client client = site.connect(weir)) {
                Http3ClientRequest request = client.open()
                        .head(false, ":method: POST", HTTPS, HOST, ":path: /trailers")
                        .data("some", false)
                        .head(true, "x-checksum: 7", "content-length: 99")
                        .awaitEnd();
                assertEquals(List.of(103), request.informed());
                assertEquals(200, request.status());
                assertEquals("data", request.body());
                assertEquals(List.of("x-sum: true"), request.trailers());
                assertTrue(!backend.received().contains("content-length"), backend::received);
            }
        }
    }

    @Test
    void answersWithoutBodyWhereThereIsNone() throws Exception {
        try (ScriptedBackend backend = ScriptedBackend.start(connection -> {
            for (String head = connection.readRequest(); head != null; head = connection.readRequest()) {
                if (head.startsWith("HEAD")) {
                    connection.send("HTTP/1.1 200 OK\r\nContent-Length: 1234\r\n\r\n");
                } else if (head.startsWith("GET /304")) {
                    connection.send("HTTP/1.1 304 Not Modified\r\nETag: x\r\nContent-Length: 99\r\n\r\n");
                } else {
                    connection.send("HTTP/1.1 204 No Content\r\n\r\n");
                }
            }
        })) {
            weir.use(site.yaml(backend));
            try (Http3Client client = site.connect(weir)) {
                Http3ClientRequest head = client.open()
                        .head(true, ":method: HEAD", HTTPS, HOST, ":path: /head")
                        .awaitEnd();
                assertEquals(200, head.status());
                assertTrue(head.fields().contains("content-length: 1234"), head::toString);
                assertTrue(head.complete() && head.received() == 0, head::toString);
                Http3ClientRequest unchanged = client.get("a.test", "/304");
                assertEquals(304, unchanged.status());
                assertTrue(unchanged.fields().contains("etag: x"), unchanged::toString);
                assertTrue(unchanged.complete() && unchanged.received() == 0, unchanged::toString);
                Http3ClientRequest none = client.get("a.test", "/204");
                assertEquals(204, none.status());
                assertTrue(none.fields().stream().noneMatch(f -> f.startsWith("content-length")), none::toString);
                assertTrue(none.complete() && none.received() == 0, none::toString);
            }
        }
    }

    @Test
    void leavesOutWhatBelongsToABackendsConnection() throws Exception {
        String response = "HTTP/1.1 200 OK\r\nConnection: X-Secret\r\nX-Secret: 1\r\nKeep-Alive: 5\r\nX-Kept: Yes\r\n"
                + "Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n";
        try (ScriptedBackend backend = ScriptedBackend.answering(response)) {
            weir.use(site.yaml(backend));
            try (Http3Client client = site.connect(weir)) {
                Http3ClientRequest answer = client.get("a.test", "/fields");
                assertEquals("ok", answer.body());
                assertTrue(answer.fields().contains("x-kept: Yes"), answer::toString);
                assertTrue(
                        answer.fields().stream()
                                .noneMatch(f -> f.matches("(connection|x-secret|keep-alive|transfer-encoding).*")),
                        answer::toString);
            }
        }
    }

    @Test
    void answersRequestsAtOnceAsTheirBackendsDo() throws Exception {
        try (ScriptedBackend backend = ScriptedBackend.start(connection -> {
            String head = connection.readRequest();
            if (head != null && head.startsWith("GET /slow")) {
                Thread.sleep(300);
            }
            connection.send(ScriptedBackend.ok(head == null ? "" : head.substring(4, 9)));
        })) {
            weir.use(site.yaml(backend));
            try (Http3Client client = site.connect(weir)) {
                Http3ClientRequest slow = client.open().head(true, ":method: GET", HTTPS, HOST, ":path: /slow");
                assertEquals("/fast", client.get("a.test", "/fast").body());
                assertEquals(0, slow.status(), "the fast one did not wait");
                assertEquals("/slow", slow.awaitEnd().body());
            }
        }
    }

    @Test
    void isAnnouncedOverTcpWhileItIsThere() throws Exception {
        try (ScriptedBackend backend = ScriptedBackend.saying("hello")) {
            weir.use(site.yaml(backend));
            String request = "GET /announced HTTP/1.1\r\nHost: a.test\r\n\r\n";
            TlsClient tls = new TlsClient(site.authority());
            try (RawClient client = tls.raw(weir.port(), "a.test")) {
                assertEquals(
                        "h3=\":" + weir.port() + "\"; ma=86400",
                        client.send(request).read().field("alt-svc"));
            }
            try (Http3Client client = site.connect(weir)) {
                Http3ClientRequest answer = client.get("a.test", "/there");
                assertTrue(answer.fields().stream().noneMatch(f -> f.startsWith("alt-svc")), answer::toString);
                weir.use(site.yaml(backend).replace("http3: true,", ""));
                assertEquals(0x100, client.awaitClosed(), "H3_NO_ERROR");
            }
            try (RawClient client = tls.raw(weir.port(), "a.test")) {
                assertNull(client.send(request).read().field("alt-svc"));
            }
        }
    }

    @Test
    void takesUpNewCertificates() throws Exception {
        try (ScriptedBackend backend = ScriptedBackend.saying("hello")) {
            weir.use(site.yaml(backend));
            try (Http3Client old = site.connect(weir)) {
                BigInteger first = old.certificate().getSerialNumber();
                site.renew();
                Await.until(() -> !serial().equals(first), () -> "the old certificate is still shown");
                assertEquals("hello", old.get("a.test", "/stays").body());
            }
        }
    }

    private BigInteger serial() throws IOException, InterruptedException {
        try (Http3Client client = site.connect(weir)) {
            return client.certificate().getSerialNumber();
        }
    }
}
