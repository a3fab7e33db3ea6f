package weir.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import io.netty.buffer.ByteBufUtil;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import weir.testing.Await;
import weir.testing.BackendSocket;
import weir.testing.FreePort;
import weir.testing.RawClient;
import weir.testing.RawHead;
import weir.testing.RequiresTool;
import weir.testing.ScriptedBackend;
import weir.testing.WeirProcess;
import weir.testing.WithWeir;

/** PROXY headers, taken from proxies in front and sent to backends. */
@WithWeir
@Timeout(120)
final class ProxyProtocolIT {
    private static final String V1 = "PROXY TCP4 192.0.2.7 192.0.2.8 56324 443\r\n";
    private static final String V2 = latin1("0d0a0d0a000d0a515549540a2111000cc0000207c0000208dc0401bb");
    private static final String LOCAL = latin1("0d0a0d0a000d0a515549540a20000000");
    private static final String GET = "GET %s HTTP/1.1\r\nHost: a.test\r\n\r\n";

    private final WeirProcess weir;
    private final int web = FreePort.take();
    private final int rpc = FreePort.take();

    ProxyProtocolIT(WeirProcess weir) throws IOException {
        this.weir = weir;
    }

    private static String latin1(String hex) {
        return new String(ByteBufUtil.decodeHexDump(hex), StandardCharsets.ISO_8859_1);
    }

    private void use(ScriptedBackend backend, String more) throws IOException, InterruptedException {
        use(backend, "any", "[127.0.0.1]", more);
    }

    private void use(ScriptedBackend backend, String accepted, String trusted, String more)
            throws IOException, InterruptedException {
        weir.use("""
                listeners:
                  web: {address: "127.0.0.1:%d", proxy-protocol: %s}
                  rpc: {address: "127.0.0.1:%d", proxy-protocol: %s, protocol: tcp, service: app}
                routes: [{path: /, service: app}]
                services: {app: {backends: [%s]}}
                trusted-proxies: %s
                %s
                """.formatted(web, accepted, rpc, accepted, backend.address(), trusted, more));
    }

    private JsonObject line(String peer, String listener) throws InterruptedException {
        return weir.awaitLog(line -> line.get("peer").getAsString().equals(peer)
                && line.get("listener").getAsString().equals(listener));
    }

    @ParameterizedTest
    @ValueSource(strings = {"v1", "v2"})
    void namesTheClientOfRequests(String version) throws Exception {
        try (ScriptedBackend backend = ScriptedBackend.saying("ok")) {
            use(backend, "");
            String path = "/named-" + version;
            try (RawClient client = RawClient.connect(web)) {
                client.send((version.equals("v1") ? V1 : V2) + "GET " + path
                        + " HTTP/1.1\r\nHost: a.test\r\nX-Forwarded-For: 203.0.113.1\r\n\r\n");
                assertEquals("ok", client.read().body());
                client.send(GET.formatted("/second")); // the header is the connection's
                assertEquals("ok", client.read().body());
            }
            // The client itself is not trusted, so that its own word counts for nothing.
            assertEquals("192.0.2.7", RawHead.value(backend.requests().get(0), "x-forwarded-for"));
            JsonObject line = weir.awaitLog(path);
            assertEquals("192.0.2.7", line.get("client").getAsString());
            assertEquals("192.0.2.7:56324", line.get("peer").getAsString());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"v1", "v2"})
    void namesTheClientOfSessions(String version) throws Exception {
        try (ScriptedBackend backend = ScriptedBackend.start(BackendSocket::readToEnd)) {
            use(backend, "");
            String header = version.equals("v1") ? V1.replace("56324", "1111") : V2;
            try (RawClient client = RawClient.connect(rpc)) {
                client.send(header + "first bytes");
                client.shutdownOutput();
                assertEquals("", client.readToEnd());
            }
            assertEquals("first bytes", backend.received());
            JsonObject line = line("192.0.2.7:" + (version.equals("v1") ? "1111" : "56324"), "rpc");
            assertEquals("192.0.2.7", line.get("client").getAsString());
            assertEquals(11, line.get("bytes_in").getAsInt());
        }
    }

    @Test
    void takesTheRealPeerWhenTheHeaderNamesNobody() throws Exception {
        try (ScriptedBackend backend = ScriptedBackend.saying("ok")) {
            use(backend, "");
            for (String header : new String[] {LOCAL, "PROXY UNKNOWN\r\n"}) {
                backend.forget();
                try (RawClient client = RawClient.connect(web)) {
                    client.send(header + GET.formatted("/local"));
                    assertEquals("ok", client.read().body());
                }
                assertEquals("127.0.0.1", RawHead.value(backend.onlyRequest(), "x-forwarded-for"));
            }
        }
    }

    @Test
    void waitsForAHeaderThatComesByteByByte() throws Exception {
        try (ScriptedBackend backend = ScriptedBackend.saying("ok")) {
            use(backend, "");
            for (String header : new String[] {V1, V2}) {
                try (RawClient client = RawClient.connect(web)) {
                    for (char c : (header + GET.formatted("/slow")).toCharArray()) {
                        client.send(String.valueOf(c));
                    }
                    assertEquals("ok", client.read().body());
                }
            }
        }
    }

    @Test
    void closesWithoutAGoodHeader() throws Exception {
        try (ScriptedBackend backend = ScriptedBackend.saying("ok")) {
            use(backend, "v1", "[127.0.0.1]", "");
            String[] bad = {GET.formatted("/"), V2, "PROXY TCP4 1.2.3.4 5.6.7.8 1\r\n", "PROXY " + "x".repeat(200)};
            for (String header : bad) {
                for (int port : new int[] {web, rpc}) {
                    try (RawClient client = RawClient.connect(port)) {
                        client.send(header + GET.formatted("/smuggled"));
                        assertEquals("", client.readToEnd());
                        JsonObject line = weir.awaitLog(client);
                        assertEquals(
                                port == web ? "web" : "rpc",
                                line.get("listener").getAsString());
                        assertEquals("bad-proxy-header", line.get("why").getAsString());
                        assertEquals(0, line.get("status").getAsInt());
                    }
                }
            }
            assertEquals("", backend.received());
            assertTrue(weir.admin("GET", "/metrics")
                    .body()
                    .contains("weir_proxy_headers_refused_total{listener=\"rpc\",why=\"bad-proxy-header\"}"));
        }
    }

    @Test
    void closesWhoIsNotTrusted() throws Exception {
        try (ScriptedBackend backend = ScriptedBackend.saying("ok")) {
            use(backend, "any", "[127.0.0.9]", "");
            try (RawClient client = RawClient.connect(web)) {
                assertEquals("", client.readToEnd());
                JsonObject line = weir.awaitLog(client);
                assertEquals("untrusted-proxy", line.get("why").getAsString());
                assertEquals("127.0.0.1", line.get("client").getAsString());
            }
            try (RawClient client = RawClient.from("127.0.0.9", web)) {
                client.send(V1 + GET.formatted("/trusted"));
                assertEquals("ok", client.read().body());
            }
            weir.awaitStderr("was closed for want of a PROXY header");
        }
    }

    @Test
    void closesWhenTheHeaderDoesNotComeInTime() throws Exception {
        try (ScriptedBackend backend = ScriptedBackend.saying("ok")) {
            use(backend, "limits: {header-timeout: 300ms}");
            try (RawClient client = RawClient.connect(rpc)) {
                client.send("PROXY TCP4 ");
                assertTrue(client.closedWithin(10_000));
                assertEquals("header-timeout", weir.awaitLog(client).get("why").getAsString());
            }
        }
    }

    @Test
    void limitsConnectionsOfTheNamedAddress() throws Exception {
        try (ScriptedBackend backend = ScriptedBackend.saying("ok")) {
            use(backend, "limits: {connections-per-address: 1}");
            try (RawClient first = RawClient.connect(web);
                    RawClient second = RawClient.connect(web);
                    RawClient other = RawClient.connect(web)) {
                first.send(V1 + GET.formatted("/first"));
                assertEquals("ok", first.read().body());
                second.send(V1 + GET.formatted("/second"));
                assertEquals("", second.readToEnd());
                other.send(V1.replace("192.0.2.7", "192.0.2.9") + GET.formatted("/other"));
                assertEquals("ok", other.read().body());
            }
        }
    }

    @Test
    @RequiresTool("curl")
    void understandsCurl() throws Exception {
        try (ScriptedBackend backend = ScriptedBackend.saying("ok")) {
            use(backend, "");
            Process curl =
                    new ProcessBuilder("curl", "-s", "--haproxy-protocol", "http://127.0.0.1:" + web + "/curl").start();
            assertEquals("ok", new String(curl.getInputStream().readAllBytes(), StandardCharsets.US_ASCII));
            assertTrue(curl.waitFor(20, TimeUnit.SECONDS));
            assertEquals("127.0.0.1", RawHead.value(backend.onlyRequest(), "x-forwarded-for"));
        }
    }

    // To backends

    private void send(ScriptedBackend backend, String version, String more) throws IOException, InterruptedException {
        weir.use("""
                listeners:
                  web: {address: "127.0.0.1:%d"}
                  rpc: {address: "127.0.0.1:%d", protocol: tcp, service: app}
                routes: [{path: /, service: app}]
                services: {app: {backends: [%s], send-proxy-protocol: %s%s}}
                """.formatted(web, rpc, backend.address(), version, more));
    }

    /** Reads one header of version 1, then answers requests. */
    private static void afterALine(BackendSocket connection) throws IOException {
        String line = connection.readLine();
        while (connection.readRequest() != null) {
            connection.send(ScriptedBackend.ok(line.strip()));
        }
    }

    @Test
    void tellsBackendsOfSessions() throws Exception {
        try (ScriptedBackend backend = ScriptedBackend.start(connection -> {
            connection.send(connection.readLine());
            connection.send(connection.readExactly(5));
        })) {
            send(backend, "v1", "");
            try (RawClient client = RawClient.connect(rpc)) {
                assertEquals(
                        "PROXY TCP4 127.0.0.1 127.0.0.1 " + client.localPort() + " " + rpc + "\r\n",
                        client.readThrough("\r\n"));
                client.send("hello");
                assertEquals("hello", client.readExactly(5));
            }
        }
    }

    @Test
    void tellsBackendsInVersion2() throws Exception {
        try (ScriptedBackend backend =
                ScriptedBackend.start(connection -> connection.send(connection.readExactly(28)))) {
            send(backend, "v2", "");
            try (RawClient client = RawClient.connect(rpc)) {
                assertEquals(
                        "0d0a0d0a000d0a515549540a2111000c7f0000017f000001%04x%04x".formatted(client.localPort(), rpc),
                        ByteBufUtil.hexDump(client.readExactly(28).getBytes(StandardCharsets.ISO_8859_1)));
            }
        }
    }

    /** A connection belongs to the client its header names, and to no other. */
    @Test
    void tellsBackendsOfEachClientsRequests() throws Exception {
        try (ScriptedBackend backend = ScriptedBackend.start(ProxyProtocolIT::afterALine)) {
            send(backend, "v1", "");
            for (int i = 0; i < 3; i++) {
                try (RawClient client = RawClient.connect(web)) {
                    for (int j = 0; j < 2; j++) {
                        client.send(GET.formatted("/to-backend"));
                        assertEquals(
                                "PROXY TCP4 127.0.0.1 127.0.0.1 " + client.localPort() + " " + web,
                                client.read().body());
                    }
                }
            }
            Await.until(() -> backend.open() == 0, () -> "connections were kept");
        }
    }

    @Test
    void tellsWhomAHeaderNamed() throws Exception {
        try (ScriptedBackend backend = ScriptedBackend.start(ProxyProtocolIT::afterALine)) {
            weir.use("""
                    listeners: {web: {address: "127.0.0.1:%d", proxy-protocol: any}}
                    routes: [{path: /, service: app}]
                    services: {app: {backends: [%s], send-proxy-protocol: v1}}
                    trusted-proxies: [127.0.0.1]
                    """.formatted(web, backend.address()));
            try (RawClient client = RawClient.connect(web)) {
                client.send(V2 + GET.formatted("/chain"));
                assertEquals(V1.strip(), client.read().body());
            }
        }
    }

    @Test
    void leavesConnectionsWithoutAHeaderAloneWhenItIsTurnedOn() throws Exception {
        try (ScriptedBackend backend = ScriptedBackend.start(connection -> {
            String head = connection.readHead();
            while (head != null) {
                connection.send(ScriptedBackend.ok(head.startsWith("PROXY ") ? "header" : "none"));
                head = connection.readHead();
            }
        })) {
            send(backend, "off", "");
            assertEquals("none", RawClient.get(web, "/before").body());
            send(backend, "v1", "");
            assertEquals("header", RawClient.get(web, "/on").body());
            send(backend, "off", "");
            assertEquals("none", RawClient.get(web, "/after").body());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"http", "tcp"})
    void checksBackendsWithAHeaderOfItsOwn(String type) throws Exception {
        try (ScriptedBackend backend = ScriptedBackend.start(connection -> {
            if (connection.readExactly(15).equals("PROXY UNKNOWN\r\n") && connection.readRequest() != null) {
                connection.send(ScriptedBackend.ok("ok"));
            }
            connection.readToEnd();
        })) {
            send(backend, "v1", ", health-check: {type: " + type + ", interval: 100ms}");
            Await.until(() -> backend.received().contains("PROXY UNKNOWN\r\n"), () -> "no check came");
            weir.awaitState("app", backend.port(), "available");
        }
    }
}
