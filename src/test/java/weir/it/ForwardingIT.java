package weir.it;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.any;
import static com.github.tomakehurst.wiremock.client.WireMock.anyUrl;
import static com.github.tomakehurst.wiremock.core.WireMockConfiguration.options;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.github.tomakehurst.wiremock.WireMockServer;
import com.github.tomakehurst.wiremock.verification.LoggedRequest;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import weir.testing.RawClient;
import weir.testing.RawHead;
import weir.testing.RawResponse;
import weir.testing.ScriptedBackend;
import weir.testing.WeirProcess;
import weir.testing.WithWeir;

/** What a route does to a request, and what a backend is told about the client. */
@WithWeir
@Timeout(60)
final class ForwardingIT {
    private static final String SPOOFED = """
            X-Forwarded-For: 192.0.2.7\r
            X-Forwarded-Proto: https\r
            X-Forwarded-Host: bank.test\r
            X-Forwarded-Port: 443\r
            X-Forwarded-Prefix: /x\r
            Forwarded: for=192.0.2.7;proto=https\r
            X-Request-Id: chosen-by-client\r
            """;

    private final WeirProcess weir;
    private final WireMockServer backend =
            new WireMockServer(options().dynamicPort().jettyAcceptors(1));

    ForwardingIT(WeirProcess weir) {
        this.weir = weir;
        backend.start();
        backend.stubFor(any(anyUrl()).willReturn(aResponse().withBody("ok").withHeader("x-inner", "1")));
    }

    @AfterEach
    void stopBackend() {
        backend.stop();
    }

    private LoggedRequest forwarded(String route, String request) throws IOException, InterruptedException {
        return forwarded(route, "", request);
    }

    private LoggedRequest forwarded(String route, String more, String request)
            throws IOException, InterruptedException {
        use(route, more);
        assertEquals(200, RawClient.exchange(weir.port(), request).status());
        List<LoggedRequest> all = backend.findAll(com.github.tomakehurst.wiremock.client.WireMock.anyRequestedFor(
                com.github.tomakehurst.wiremock.client.WireMock.anyUrl()));
        assertEquals(1, all.size());
        return all.get(0);
    }

    private void use(String route, String more) throws IOException, InterruptedException {
        weir.use("""
                routes: [{%s, service: app}]
                services: {app: {backends: ["127.0.0.1:%d"]}}
                %s
                """.formatted(route, backend.port(), more));
    }

    private static @Nullable String field(LoggedRequest request, String name) {
        if (request.header(name).isPresent() && request.header(name).values().size() > 1) {
            throw new AssertionError(name + ": " + request.header(name).values());
        }
        return request.getHeader(name);
    }

    @Test
    void replacesWhatAnUntrustedClientSaysAboutItself() throws Exception {
        LoggedRequest seen = forwarded("path: /", "GET /u HTTP/1.1\r\nHost: a.test:8080\r\n" + SPOOFED + "\r\n");
        assertEquals("127.0.0.1", field(seen, "x-forwarded-for"));
        assertEquals("http", field(seen, "x-forwarded-proto"));
        assertEquals("a.test:8080", field(seen, "x-forwarded-host"));
        assertNull(field(seen, "x-forwarded-port"));
        assertNull(field(seen, "x-forwarded-prefix"));
        assertEquals("for=127.0.0.1;host=\"a.test:8080\";proto=http", field(seen, "forwarded"));
        assertEquals("1.1 weir", field(seen, "via"));
        String id = field(seen, "x-request-id");
        assertTrue(id != null && id.matches("[0-9a-f]{32}"), id);
        JsonObject line = weir.awaitLog("/u");
        assertEquals(id, line.get("request_id").getAsString());
        assertEquals("127.0.0.1", line.get("client").getAsString());
        assertTrue(line.get("peer").getAsString().startsWith("127.0.0.1:"), line::toString);
    }

    @Test
    void believesATrustedPeer() throws Exception {
        LoggedRequest seen = forwarded(
                "path: /",
                "trusted-proxies: [127.0.0.0/8]",
                "GET /t HTTP/1.1\r\nHost: a.test\r\nVia: 2.0 edge\r\n" + SPOOFED + "\r\n");
        assertEquals("192.0.2.7, 127.0.0.1", field(seen, "x-forwarded-for"));
        assertEquals("https", field(seen, "x-forwarded-proto"));
        assertEquals("bank.test", field(seen, "x-forwarded-host"));
        String forwarded = field(seen, "forwarded");
        assertTrue(
                forwarded != null && forwarded.startsWith("for=192.0.2.7;proto=https, for=127.0.0.1"),
                () -> "forwarded: " + forwarded);
        assertEquals("2.0 edge, 1.1 weir", field(seen, "via"));
        assertEquals("chosen-by-client", field(seen, "x-request-id"));
        JsonObject line = weir.awaitLog("/t");
        assertEquals("192.0.2.7", line.get("client").getAsString());
        assertEquals("chosen-by-client", line.get("request_id").getAsString());
    }

    @Test
    void takesTheRightmostHopThatIsNotTrustedForTheClient() throws Exception {
        forwarded(
                "path: /",
                "trusted-proxies: [127.0.0.0/8, 10.0.0.0/8]",
                "GET /hops HTTP/1.1\r\nHost: a.test\r\nX-Forwarded-For: 198.51.100.1, 203.0.113.9, 10.1.2.3\r\n\r\n");
        assertEquals("203.0.113.9", weir.awaitLog("/hops").get("client").getAsString());
    }

    @Test
    void removesWhatConcernsOneConnectionOnly() throws Exception {
        LoggedRequest seen = forwarded(
                "path: /",
                "GET / HTTP/1.1\r\nHost: a.test\r\nConnection: keep-alive, X-Hop\r\nX-Hop: 1\r\nKeep-Alive: 5\r\n"
                        + "Proxy-Connection: keep-alive\r\nProxy-Authorization: Basic eDp5\r\nTE: trailers\r\n"
                        + "Trailer: X-T\r\nX-End: 1\r\n\r\n");
        for (String name : new String[] {"connection", "x-hop", "keep-alive", "proxy-connection"}) {
            assertNull(field(seen, name), name);
        }
        assertEquals("1", field(seen, "x-end"));
    }

    @Test
    void letsNobodyTakeOutWhatWeirSaysByNamingItInConnection() throws Exception {
        LoggedRequest seen = forwarded(
                "path: /",
                "GET / HTTP/1.1\r\nHost: a.test\r\n"
                        + "Connection: X-Forwarded-For, Via, Forwarded, X-Request-Id, Host, X-Env\r\n\r\n");
        assertEquals("127.0.0.1", field(seen, "x-forwarded-for"));
        assertEquals("1.1 weir", field(seen, "via"));
        assertEquals("a.test", field(seen, "host"));
    }

    @Test
    void dropsNamesWithUnderscores() throws Exception {
        LoggedRequest seen =
                forwarded("path: /", "GET / HTTP/1.1\r\nHost: a.test\r\nX_Forwarded_For: 1\r\nX-Ok: 1\r\n\r\n");
        assertNull(field(seen, "x_forwarded_for"));
        assertEquals("1", field(seen, "x-ok"));
    }

    @Test
    void passesOrRejectsNamesWithUnderscoresWhereAsked() throws Exception {
        String request = "GET / HTTP/1.1\r\nHost: a.test\r\nX_A: 1\r\n\r\n";
        LoggedRequest seen = forwarded("path: /", "limits: {underscores: pass}", request);
        assertEquals("1", field(seen, "x_a"));
        use("path: /", "limits: {underscores: reject}");
        assertEquals(400, RawClient.exchange(weir.port(), request).status());
    }

    @Test
    void keepsTheHostUnlessTheRouteSaysOtherwise() throws Exception {
        String request = "GET / HTTP/1.1\r\nHost: a.test:99\r\n\r\n";
        assertEquals("a.test:99", field(forwarded("path: /", request), "host"));
        backend.resetRequests();
        assertEquals("127.0.0.1:" + backend.port(), field(forwarded("path: /, host-header: backend", request), "host"));
        backend.resetRequests();
        LoggedRequest named = forwarded("path: /, host-header: app.internal", request);
        assertEquals("app.internal", field(named, "host"));
        assertEquals("a.test:99", field(named, "x-forwarded-host"));
    }

    @Test
    void editsFieldsOfRequestAndResponse() throws Exception {
        LoggedRequest seen = forwarded(
                "path: /, request-headers: {set: {x-env: prod}, add: {x-many: two}, remove: [x-debug]}, "
                        + "response-headers: {set: {x-frame: deny}, remove: [x-inner]}",
                "GET / HTTP/1.1\r\nHost: a.test\r\nX-Env: dev\r\nX-Env: test\r\nX-Many: one\r\nX-Debug: 1\r\n\r\n");
        assertEquals("prod", field(seen, "x-env"));
        assertEquals(List.of("one", "two"), seen.header("x-many").values());
        assertNull(field(seen, "x-debug"));
        RawResponse response = RawClient.get(weir.port(), "/");
        assertEquals("deny", response.field("x-frame"));
        assertNull(response.field("x-inner"));
    }

    @Test
    void editsHoldForTrailersToo() throws Exception {
        try (ScriptedBackend trailing = ScriptedBackend.answering("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n"
                + "Trailer: x-a\r\n\r\n1\r\na\r\n0\r\nx-a: 1\r\nx-secret: 2\r\nx-set: 3\r\n\r\n")) {
            weir.use("""
                    routes:
                      - path: /
                        service: app
                        request-headers: {remove: [x-user], set: {x-env: prod}}
                        response-headers: {remove: [x-secret], set: {x-set: "4"}}
                    services: {app: {backends: ["%s"]}}
                    """.formatted(trailing.address()));
            try (RawClient client = RawClient.connect(weir.port())) {
                client.send("POST /x HTTP/1.1\r\nHost: a.test\r\nTE: trailers\r\nTransfer-Encoding: chunked\r\n\r\n"
                        + "1\r\na\r\n0\r\nX-User: root\r\nX-Env: test\r\nProxy: x\r\nx-sum: 1\r\n\r\n");
                String answer = client.readThrough("0\r\n") + client.readThrough("\r\n\r\n");
                assertTrue(answer.contains("x-a: 1") && answer.contains("x-set: 4"), answer);
                assertFalse(answer.contains("x-secret") || answer.contains("x-set: 3"), answer);
            }
            String received = trailing.received();
            assertTrue(received.contains("x-env: prod") && received.contains("x-sum: 1"), received);
            assertFalse(
                    received.contains("root") || received.contains("X-Env") || received.contains("Proxy"), received);
        }
    }

    @Test
    void aBackslashIsNoWayAroundARoute() throws Exception {
        weir.use("""
                routes: [{path: /x/admin, respond: 403}, {path: "/x%%5c..%%5cadmin", respond: 418}, {path: /, service: app}]
                services: {app: {backends: ["127.0.0.1:%d"]}}
                """.formatted(backend.port()));
        assertEquals(
                418,
                RawClient.exchange(weir.port(), "GET /x\\..\\admin HTTP/1.1\r\nHost: a\r\n\r\n")
                        .status());
        assertEquals(
                200,
                RawClient.exchange(weir.port(), "GET /y\\..\\[a HTTP/1.1\r\nHost: a\r\n\r\n")
                        .status());
        assertEquals(
                "/y%5C..%5C%5Ba",
                backend.findAll(com.github.tomakehurst.wiremock.client.WireMock.anyRequestedFor(
                                com.github.tomakehurst.wiremock.client.WireMock.anyUrl()))
                        .get(0)
                        .getUrl());
    }

    @Test
    void stripsThePrefix() throws Exception {
        String route = "path: /api, rewrite: {strip-prefix: /api}";
        assertEquals(
                "/users?x=/api",
                forwarded(route, "GET /api/users?x=/api HTTP/1.1\r\nHost: a\r\n\r\n")
                        .getUrl());
        backend.resetRequests();
        assertEquals(
                "/", forwarded(route, "GET /api HTTP/1.1\r\nHost: a\r\n\r\n").getUrl());
    }

    @Test
    void redirectsAndAnswersByItself() throws Exception {
        weir.use("""
                routes:
                  - {host: old.test, redirect: {to: "https://new.test{path}{query}", status: 301}}
                  - {path: /status, respond: {status: 200, body: fine, headers: {x-own: "1"}}}
                """);
        RawResponse moved = RawClient.exchange(weir.port(), "GET /a/b?c=d HTTP/1.1\r\nHost: old.test\r\n\r\n");
        assertEquals(301, moved.status());
        assertEquals("https://new.test/a/b?c=d", moved.field("location"));
        RawResponse fixed = RawClient.get(weir.port(), "/status");
        assertEquals("fine", fixed.body());
        assertEquals("1", fixed.field("x-own"));
        assertEquals(404, RawClient.get(weir.port(), "/other").status());
        assertEquals("no-route", weir.awaitLog("/other").get("why").getAsString());
    }

    @Test
    void matchesAndForwardsTheSameNormalisedPath() throws Exception {
        try (ScriptedBackend raw = ScriptedBackend.saying("raw")) {
            weir.use("""
                    routes:
                      - {path: /admin, respond: {status: 403}}
                      - {path: /, service: app}
                    services: {app: {backends: [%s]}}
                    """.formatted(raw.address()));
            assertEquals(
                    403, RawClient.get(weir.port(), "/public/%2e%2e/%61dmin").status());
            assertEquals(403, RawClient.get(weir.port(), "/./x/../admin/").status());
            assertEquals(
                    200,
                    RawClient.get(weir.port(), "/a/%2E./b%2Fc//d?q=%2e%2e/").status());
            assertEquals("/b%2Fc//d?q=%2e%2e/", RawHead.target(raw.onlyRequest()));
            weir.awaitLog("/a/%2E./b%2Fc//d?q=%2e%2e/");
            assertEquals(400, RawClient.get(weir.port(), "/../etc").status());
            assertEquals(400, RawClient.get(weir.port(), "/x%00y").status());
            assertEquals(1, raw.requests().size());
        }
    }

    @Test
    void matchesHostMethodAndFields() throws Exception {
        weir.use("""
                routes:
                  - {host: "*.example.com", path: /, respond: {status: 200, body: wild}}
                  - {host: exact.test, methods: [POST], respond: {status: 200, body: post}}
                  - {path-regex: "^/v[0-9]+/", respond: {status: 200, body: regex}}
                  - {path: /, headers: {x-canary: "1"}, respond: {status: 200, body: canary}}
                  - {exact-path: /sum, respond: {status: 200, body: exact}}
                """);
        assertEquals("wild", body("GET / HTTP/1.1\r\nHost: A.Example.com.:80\r\n\r\n"));
        assertEquals("post", body("POST / HTTP/1.1\r\nHost: exact.test\r\nContent-Length: 0\r\n\r\n"));
        assertEquals("regex", body("GET /v12/x HTTP/1.1\r\nHost: b\r\n\r\n"));
        assertEquals("canary", body("GET / HTTP/1.1\r\nHost: b\r\nX-Canary: 1\r\n\r\n"));
        assertEquals("exact", body("GET /sum HTTP/1.1\r\nHost: b\r\n\r\n"));
        assertNotEquals("exact", body("GET /sum/x HTTP/1.1\r\nHost: b\r\n\r\n"));
    }

    private String body(String request) throws IOException, InterruptedException {
        return RawClient.exchange(weir.port(), request).body();
    }
}
