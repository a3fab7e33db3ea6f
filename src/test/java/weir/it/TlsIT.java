package weir.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import weir.testing.Await;
import weir.testing.Http2Frames;
import weir.testing.RawClient;
import weir.testing.RawResponse;
import weir.testing.RequiresTool;
import weir.testing.ScriptedBackend;
import weir.testing.SiteCertificates;
import weir.testing.TlsClient;
import weir.testing.TlsEnd;
import weir.testing.Tool;
import weir.testing.WeirLaunch;
import weir.testing.WeirProcess;

/** TLS to clients, as curl, openssl and Java find it. */
@RequiresTool({"openssl", "curl"})
final class TlsIT {
    private static final String ONE = "{certificates: [{certificate: $a.pem, key: $a.key}]}";
    private static final String GET = "GET /x HTTP/1.1\r\nHost: a.test\r\n\r\n";

    private static final String LAST = "GET /x HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n";

    @TempDir
    private static Path files;

    @BeforeAll
    static void makeFiles() throws Exception {
        SiteCertificates all = new SiteCertificates(files)
                .site("a", "ec", 5, "a.test")
                .site("a-rsa", "rsa", 30, "a.test")
                .site("wild", "ec", 30, "*.w.test")
                .site("l", "ec", 30, "localhost")
                .client("client");
        Files.createDirectories(files.resolve("keys"));
        Files.write(files.resolve("keys/1"), key(1));
        // The authority's word on a.pem, as "openssl ca" would keep its books.
        String serial = Tool.in(files, "openssl", "x509", "-in", "a.pem", "-noout", "-serial")
                .out()
                .strip()
                .replace("serial=", "");
        Files.writeString(files.resolve("index.txt"), "V\t400101000000Z\t\t" + serial + "\tunknown\t/CN=a\n");
        all.openssl("ocsp -index index.txt -CA ca.pem -rsigner ca.pem -rkey ca.key -issuer ca.pem -cert a.pem"
                + " -respout a.ocsp");
    }

    private static byte[] key(int number) {
        byte[] key = new byte[48];
        Arrays.fill(key, (byte) number);
        return key;
    }

    private static String yaml(String tls, int backend) {
        return """
                listeners: {web: {address: "127.0.0.1:0", tls: %s}}
                routes: [{path: /, service: app}]
                services: {app: {backends: ["127.0.0.1:%d"]}}
                """.formatted(tls.replace("$", files + "/"), backend);
    }

    private static WeirProcess start(String tls, int backend) throws Exception {
        return new WeirLaunch(yaml(tls, backend)).start();
    }

    private static Tool.Result curl(int port, String... more) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                "curl",
                "-sS",
                "--cacert",
                files + "/ca.pem",
                "--resolve",
                "a.test:" + port + ":127.0.0.1",
                "https://a.test:" + port + "/x"));
        command.addAll(List.of(more));
        return Tool.run(command.toArray(new String[0]));
    }

    private static String sClient(int port, String request, String... more) throws Exception {
        List<String> command = new ArrayList<>(
                List.of("openssl", "s_client", "-connect", "127.0.0.1:" + port, "-CAfile", "ca.pem", "-ign_eof"));
        command.addAll(List.of(more));
        return Tool.feed(request, files, command.toArray(new String[0])).said();
    }

    private static String metric(WeirProcess weir, String series) throws IOException, InterruptedException {
        return weir.admin("GET", "/metrics")
                .body()
                .lines()
                .filter(line -> line.startsWith(series))
                .map(line -> line.substring(line.lastIndexOf(' ') + 1))
                .findFirst()
                .orElse("none");
    }

    @Test
    void answersOverTlsAndSaysSoInLogAndMetrics() throws Exception {
        try (ScriptedBackend backend = ScriptedBackend.saying("hello");
                WeirProcess weir = start(ONE, backend.port())) {
            Tool.Result curl = curl(weir.port());
            assertEquals("hello", curl.out(), curl::err);
            JsonObject line = weir.awaitLog("/x");
            assertEquals("TLSv1.3", line.get("tls").getAsString());
            assertEquals("a.test", line.get("sni").getAsString());
            assertTrue(backend.received().contains("x-forwarded-proto: https"), backend::received);
            assertEquals("hello", curl(weir.port(), "--tls-max", "1.2").out());
            assertTrue(curl(weir.port(), "--tls-max", "1.1").exit() != 0);
            assertEquals("2", metric(weir, "weir_tls_handshakes_total{listener=\"web\",result=\"ok\"}"));
            assertEquals("1", metric(weir, "weir_tls_handshakes_total{listener=\"web\",result=\"failed\"}"));
            String expiry =
                    metric(weir, "weir_tls_certificate_expiry_timestamp_seconds{listener=\"web\",name=\"a.test\"");
            double days = (Double.parseDouble(expiry) - System.currentTimeMillis() / 1000.0) / 86_400;
            assertTrue(days > 4 && days <= 5, expiry);
            weir.awaitStderr("listener web: the certificate of a.test expires on ");
        }
    }

    @Test
    @RequiresTool({"nghttp", "h2load"})
    void agreesOnAVersionWithOtherPeoplesClients() throws Exception {
        try (ScriptedBackend backend = ScriptedBackend.saying("hello");
                WeirProcess weir = start(ONE, backend.port())) {
            String[] version = {"-o", "/dev/null", "-w", "%{http_version}"};
            assertEquals("2", curl(weir.port(), version).out());
            assertEquals(
                    "2",
                    curl(weir.port(), "--tls-max", "1.2", version[0], version[1], version[2], version[3])
                            .out());
            assertEquals(
                    "1.1",
                    curl(weir.port(), "--http1.1", version[0], version[1], version[2], version[3])
                            .out());
            String alpn = sClient(weir.port(), LAST, "-alpn", "h3,http/1.1");
            assertTrue(alpn.contains("ALPN protocol: http/1.1") && alpn.contains("hello"), alpn);
            String url = "https://127.0.0.1:" + weir.port() + "/x";
            assertTrue(Tool.run("nghttp", "-v", url).out().contains("hello"));
            String load =
                    Tool.run("h2load", "-n", "200", "-c", "4", "-m", "10", url).said();
            assertTrue(load.contains("Application protocol: h2") && load.contains("200 succeeded, 0 failed"), load);
        }
    }

    @Test
    void servesJavasClientOnOneConnection() throws Exception {
        String body = "y".repeat(1024 * 1024);
        try (ScriptedBackend backend = ScriptedBackend.saying(body);
                WeirProcess weir = new WeirLaunch(
                                yaml("{certificates: [{certificate: $l.pem, key: $l.key}]}", backend.port()))
                        .threads(2)
                        .start()) {
            HttpClient client = HttpClient.newBuilder()
                    .sslContext(new TlsClient(files.resolve("ca.pem")).context())
                    .build();
            for (int i = 0; i < 3; i++) {
                HttpResponse<String> response = client.send(
                        HttpRequest.newBuilder(URI.create("https://localhost:" + weir.port() + "/x"))
                                .version(HttpClient.Version.HTTP_1_1)
                                .POST(HttpRequest.BodyPublishers.ofString(body))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
                assertEquals(200, response.statusCode());
                assertEquals(body, response.body());
            }
            assertEquals("1", metric(weir, "weir_tls_handshakes_total{listener=\"web\",result=\"ok\"}"));
        }
    }

    @Test
    void showsEachClientTheCertificateItCanVerify() throws Exception {
        String both =
                "{certificates: [{certificate: $a-rsa.pem, key: $a-rsa.key}, {certificate: $a.pem, key: $a.key}]}";
        try (ScriptedBackend backend = ScriptedBackend.saying("hello");
                WeirProcess weir = start(both, backend.port())) {
            String[][] clients = {
                {"ECDSA", "-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-GCM-SHA256"},
                {"RSA", "-tls1_2", "-cipher", "ECDHE-RSA-AES128-GCM-SHA256"},
                {"ECDSA", "-tls1_3", "-sigalgs", "ECDSA+SHA256"},
                {"RSA", "-tls1_3", "-sigalgs", "RSA-PSS+SHA256"}
            };
            for (String[] client : clients) {
                String[] options = Arrays.copyOfRange(client, 1, client.length);
                String said = sClient(weir.port(), LAST, with(options, "-servername", "a.test"));
                assertTrue(said.contains("Peer signature type: " + client[0]), said);
                assertTrue(said.contains("hello"), said);
            }
        }
    }

    private static String[] with(String[] some, String... more) {
        List<String> all = new ArrayList<>(List.of(some));
        all.addAll(List.of(more));
        return all.toArray(new String[0]);
    }

    @Test
    void choosesByTheNameThatIsAskedFor() throws Exception {
        String all = "{certificates: [{certificate: $a.pem, key: $a.key}, {certificate: $wild.pem, key: $wild.key}]}";
        try (ScriptedBackend backend = ScriptedBackend.saying("hello");
                WeirProcess weir = start(all, backend.port())) {
            assertTrue(sClient(weir.port(), LAST, "-servername", "A.test").contains("CN = a\n"));
            assertTrue(sClient(weir.port(), LAST, "-servername", "b.w.test").contains("CN = wild\n"));
            assertTrue(sClient(weir.port(), LAST, "-servername", "b.b.w.test").contains("CN = a\n"));
            assertTrue(sClient(weir.port(), LAST, "-noservername").contains("CN = a\n"));
        }
    }

    @Test
    void staplesTheAuthoritysWord() throws Exception {
        String tls = "{certificates: [{certificate: $a.pem, key: $a.key, ocsp: $a.ocsp}]}";
        try (ScriptedBackend backend = ScriptedBackend.saying("hello");
                WeirProcess weir = start(tls, backend.port())) {
            for (String version : List.of("-tls1_2", "-tls1_3")) {
                String said = sClient(weir.port(), LAST, version, "-status");
                assertTrue(said.contains("OCSP Response Status: successful"), said);
                assertTrue(said.contains("Cert Status: good"), said);
            }
        }
    }

    @Test
    void resumesSessionsOfAnotherWeirWithTheSameKeys() throws Exception {
        String tls = "{certificates: [{certificate: $a.pem, key: $a.key}], ticket-keys: $keys}";
        try (ScriptedBackend backend = ScriptedBackend.saying("hello");
                WeirProcess first = start(tls, backend.port());
                WeirProcess second = start(tls, backend.port());
                WeirProcess stranger = start(ONE, backend.port())) {
            for (String version : List.of("-tls1_2", "-tls1_3")) {
                String made = sClient(first.port(), LAST, version, "-sess_out", "session");
                assertTrue(made.contains("New, TLSv1."), made);
                String[] again = {version, "-sess_in", "session"};
                assertTrue(sClient(first.port(), LAST, again).contains("Reused, TLSv1."));
                assertTrue(sClient(second.port(), LAST, again).contains("Reused, TLSv1."));
                assertTrue(sClient(stranger.port(), LAST, again).contains("New, TLSv1."));
            }
            // A newer key encrypts, the old one still decrypts; without it, it does not.
            Files.write(files.resolve("keys/2"), key(2));
            first.awaitStderr("listener web: changed TLS files are in force");
            assertTrue(sClient(first.port(), LAST, "-sess_in", "session").contains("Reused, TLSv1."));
            Files.delete(files.resolve("keys/1"));
            first.awaitStderr("listener web: changed TLS files are in force", 2);
            assertTrue(sClient(first.port(), LAST, "-sess_in", "session").contains("New, TLSv1."));
        } finally {
            Files.write(files.resolve("keys/1"), key(1));
            Files.deleteIfExists(files.resolve("keys/2"));
        }
    }

    @Test
    void tellsBackendsTheClientsCertificateAndNothingElse() throws Exception {
        String tls = "{certificates: [{certificate: $a.pem, key: $a.key}], client-authentication: optional,"
                + " client-ca: $ca.pem, client-certificate-header: x-client-cert}";
        try (ScriptedBackend backend = ScriptedBackend.saying("hello");
                WeirProcess weir = new WeirLaunch(yaml(tls, backend.port())
                                .replace("listeners: {", "listeners: {plain: {address: \"localhost:0\"}, "))
                        .start()) {
            RawClient.exchange(weir.port("plain"), "GET / HTTP/1.1\r\nHost: a.test\r\nx-client-cert: 1\r\n\r\n");
            String[] spoof = {"-H", "X-Client-Cert: :c3Bvb2Y=:"};
            assertEquals("hello", curl(weir.port(), spoof).out());
            assertFalse(backend.received().toLowerCase(Locale.ROOT).contains("x-client-cert"));
            String[] own = with(spoof, "--cert", files + "/client.pem", "--key", files + "/client.key");
            assertEquals("hello", curl(weir.port(), own).out());
            String pem = Files.readString(files.resolve("client.pem")).replaceAll("-----.*-----|\\s", "");
            assertTrue(backend.received().contains("x-client-cert: :" + pem + ":"), backend::received);
            assertFalse(backend.received().contains("c3Bvb2Y="));
            // A certificate of somebody else is no certificate.
            String[] other = {"--cert", files + "/a.pem", "--key", files + "/a.key"};
            assertTrue(curl(weir.port(), other).exit() != 0);
        }
    }

    /** One connection, requests for several hosts, of which the certificate is for one. */
    @Test
    void refusesHostsOfOtherCertificatesWhereAsked() throws Exception {
        String tls = "{misdirected: certificate, certificates: [{certificate: $a.pem, key: $a.key},"
                + " {certificate: $a-rsa.pem, key: $a-rsa.key}, {certificate: $wild.pem, key: $wild.key}]}";
        String[] status = {"-o", "/dev/null", "-w", "%{http_code}"};
        try (ScriptedBackend backend = ScriptedBackend.saying("hello");
                WeirProcess weir = start(tls, backend.port())) {
            for (String version : List.of("--http1.1", "--http2")) {
                assertEquals("200", curl(weir.port(), with(status, version)).out());
                assertEquals(
                        "421",
                        curl(weir.port(), with(status, version, "-H", "Host: x.w.test"))
                                .out());
                assertEquals(
                        "421",
                        curl(weir.port(), with(status, version, "-H", "Host: b.test"))
                                .out());
                assertEquals(
                        "200",
                        curl(weir.port(), with(status, version, "-H", "Host: A.TEST."))
                                .out());
            }
            assertEquals("misdirected", weir.accessLog().get(1).get("why").getAsString());
            String wild = sClient(weir.port(), LAST.replace("a.test", "z.w.test"), "-servername", "y.w.test");
            assertTrue(wild.contains("hello"), wild);
        }
        try (ScriptedBackend backend = ScriptedBackend.saying("hello");
                WeirProcess weir = start(ONE, backend.port())) {
            assertEquals(
                    "200", curl(weir.port(), with(status, "-H", "Host: b.test")).out(), "off by default");
        }
    }

    @Test
    void demandsACertificateWhereItIsRequired() throws Exception {
        String tls = "{certificates: [{certificate: $a.pem, key: $a.key}], client-authentication: required,"
                + " client-ca: $ca.pem}";
        try (ScriptedBackend backend = ScriptedBackend.saying("hello");
                WeirProcess weir = start(tls, backend.port())) {
            for (String version : List.of("1.2", "1.3")) {
                assertTrue(curl(weir.port(), "--tls-max", version).exit() != 0);
                String[] own = {"--tls-max", version, "--cert", files + "/client.pem", "--key", files + "/client.key"};
                assertEquals("hello", curl(weir.port(), own).out());
            }
            assertEquals(2, backend.requests().size());
        }
    }

    @Test
    void doesNotLetATicketGetByTheDemandForACertificate() throws Exception {
        String tls = "{certificates: [{certificate: $a.pem, key: $a.key}], client-authentication: required,"
                + " client-ca: $ca.pem, client-certificate-header: x-client-cert}";
        String open = "{open: {address: \"localhost:0\", tls: " + ONE + "}, ";
        try (ScriptedBackend backend = ScriptedBackend.saying("hello");
                WeirProcess weir = new WeirLaunch(yaml(tls, backend.port())
                                .replace("listeners: {", "listeners: " + open.replace("$", files + "/")))
                        .start()) {
            for (String version : List.of("-tls1_2", "-tls1_3")) {
                sClient(weir.port("open"), LAST, version, "-sess_out", "stolen");
                String said = sClient(weir.port(), LAST, version, "-sess_in", "stolen");
                assertFalse(said.contains("hello"), said);
                assertFalse(said.contains("Reused"), said);
                backend.forget();
                String[] own = {version, "-cert", "client.pem", "-key", "client.key", "-sess_out", "own"};
                assertTrue(sClient(weir.port(), LAST, own).contains("hello"));
                said = sClient(weir.port(), LAST, version, "-sess_in", "own");
                assertTrue(said.contains("Reused") && said.contains("hello"), said);
                // What was proved when the session began is told for as long as it lasts.
                assertEquals(2, backend.requests().size());
                for (String request : backend.requests()) {
                    assertTrue(request.contains("x-client-cert: :MII"), request);
                }
            }
        }
    }

    @Test
    void takesTheClientForGoneWhenItEndsTls() throws Exception {
        try (ScriptedBackend backend = ScriptedBackend.start(connection -> {
                    connection.readRequest();
                    connection.readToEnd(); // answers never
                });
                WeirProcess weir = start(ONE, backend.port())) {
            SSLSocket socket = new TlsClient(files.resolve("ca.pem")).connect(weir.port(), "a.test");
            socket.getOutputStream().write(GET.getBytes(StandardCharsets.ISO_8859_1));
            Await.until(() -> backend.requests().size() == 1, weir::stderrText);
            socket.shutdownOutput(); // a close_notify, and the connection stays open
            assertEquals(499, weir.awaitLog("/x").get("status").getAsInt());
            socket.close();
        }
    }

    @Test
    void endsEachDirectionOfATunnelByItself() throws Exception {
        String upgrade = "GET /x HTTP/1.1\r\nHost: a.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
        try (ScriptedBackend backend = ScriptedBackend.start(connection -> {
                    connection.readRequest();
                    connection.send("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n"
                            + "Upgrade: websocket\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\nfirst");
                    connection.shutdownOutput();
                    connection.readToEnd();
                });
                WeirProcess weir = start(ONE, backend.port());
                RawClient client = new TlsClient(files.resolve("ca.pem")).raw(weir.port(), "a.test")) {
            client.send(upgrade);
            assertTrue(client.readToEnd().endsWith("\r\n\r\nfirst")); // Java fails without a close_notify
            client.send("last");
            Await.until(() -> backend.received().endsWith("last"), backend::received);
        }
    }

    @Test
    void everyVersionEndsWithACloseNotify() throws Exception {
        Http2Frames frames = new Http2Frames();
        byte[] idle = frames.preface();
        byte[] broken = Http2Frames.concat(idle, frames.data(1, false, "x"));
        byte[] http1 =
                "GET / HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
        Path authority = files.resolve("ca.pem");
        try (WeirProcess weir = new WeirLaunch(yaml(ONE, 1) + "limits: {idle-timeout: 1s}\n").start()) {
            assertTrue(TlsEnd.isNotified(weir.port(), authority, "a.test", "h2", idle), "idle");
            assertTrue(TlsEnd.isNotified(weir.port(), authority, "a.test", "h2", broken), "against the rules");
            assertTrue(TlsEnd.isNotified(weir.port(), authority, "a.test", "http/1.1", http1), "HTTP/1.1");
        }
    }

    @Test
    void endsWithACloseNotifyOnlyWhatIsWhole() throws Exception {
        try (ScriptedBackend backend = ScriptedBackend.start(connection -> {
                    String request = connection.readRequest();
                    if (request != null && request.startsWith("GET /whole")) {
                        connection.send(ScriptedBackend.ok("hello"));
                    } else if (request != null) {
                        connection.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhello");
                    }
                });
                WeirProcess weir = start(ONE, backend.port())) {
            TlsClient client = new TlsClient(files.resolve("ca.pem"));
            try (RawClient whole = client.raw(weir.port(), "a.test")) {
                whole.send(LAST.replace("/x", "/whole"));
                assertEquals("hello", whole.read().body());
                assertEquals("", whole.readToEnd()); // Java fails without a close_notify
            }
            try (RawClient refused = client.raw(weir.port(), "a.test")) {
                refused.send("POST /x HTTP/1.1\r\nHost: a.test\r\nContent-Length: a\r\n\r\n");
                RawResponse response = refused.read();
                assertEquals(400, response.status());
                assertEquals("", refused.readToEnd());
            }
            try (RawClient cut = client.raw(weir.port(), "a.test")) {
                // HTTP/1.0 knows the end of a body without length by the end of the connection alone.
                cut.send("GET /cut HTTP/1.0\r\nHost: a.test\r\n\r\n");
                assertThrows(IOException.class, () -> {
                    cut.read();
                    cut.readToEnd();
                });
            }
        }
    }

    @Test
    void terminatesTlsForTcp() throws Exception {
        String yaml = """
                listeners: {web: {address: "127.0.0.1:0", protocol: tcp, service: app, tls: %s}}
                services: {app: {backends: ["127.0.0.1:%d"]}}
                """;
        try (ScriptedBackend backend = ScriptedBackend.start(connection -> {
                    connection.send(connection.readExactly(4) + "!");
                    connection.shutdownOutput();
                    connection.readToEnd();
                });
                WeirProcess weir =
                        new WeirLaunch(yaml.formatted(ONE.replace("$", files + "/"), backend.port())).start();
                RawClient client = new TlsClient(files.resolve("ca.pem")).raw(weir.port(), "a.test")) {
            client.send("ping");
            assertEquals("ping!", client.readToEnd()); // Java fails without a close_notify
            client.send("rest");
            Await.until(() -> backend.received().endsWith("rest"), backend::received);
            client.shutdownOutput();
            JsonObject line =
                    weir.awaitLog(found -> found.get("listener").getAsString().equals("web"));
            assertEquals("TLSv1.3", line.get("tls").getAsString());
            assertEquals("a.test", line.get("sni").getAsString());
        }
    }

    /** Netty's engine on BoringSSL closes itself when the client has ended; Java's keeps to TLS 1.3. */
    @Test
    void endsEachDirectionOfASessionByItselfWithJavasEngine() throws Exception {
        String yaml = """
                listeners: {web: {address: "127.0.0.1:0", protocol: tcp, service: app, tls: %s}}
                services: {app: {backends: ["127.0.0.1:%d"]}}
                """;
        try (ScriptedBackend backend = ScriptedBackend.start(connection -> {
                    connection.readToEnd();
                    connection.send("answer");
                });
                WeirProcess weir = new WeirLaunch(yaml.formatted(ONE.replace("$", files + "/"), backend.port()))
                        .flags("-Dweir.tls=jdk")
                        .start();
                RawClient client = new TlsClient(files.resolve("ca.pem")).raw(weir.port(), "a.test")) {
            client.send("question").shutdownOutput();
            assertEquals("answer", client.readToEnd());
            assertEquals("question", backend.received());
            JsonObject line =
                    weir.awaitLog(found -> found.get("listener").getAsString().equals("web"));
            assertEquals("", line.get("why").getAsString());
        }
    }

    @Test
    void bearsWhatIsNoTls() throws Exception {
        String limits = "limits: {header-timeout: 1s}\n";
        for (String tls : List.of(
                ONE,
                "{certificates: [{certificate: $a.pem, key: $a.key}, {certificate: $wild.pem, key: $wild.key}]}")) {
            try (ScriptedBackend backend = ScriptedBackend.saying("hello");
                    WeirProcess weir = new WeirLaunch(limits + yaml(tls, backend.port())).start()) {
                try (RawClient plain = RawClient.connect(weir.port());
                        RawClient garbage = RawClient.connect(weir.port());
                        RawClient half = RawClient.connect(weir.port());
                        RawClient silent = RawClient.connect(weir.port())) {
                    plain.send(GET);
                    garbage.send(new byte[] {22, 3, 1, 0, 5, 1, 0, 0, 1, 0, 22, 3, 1});
                    half.send(new byte[] {22, 3, 1, 2, 0, 1});
                    for (RawClient client : List.of(plain, garbage, half, silent)) {
                        client.readToEnd();
                    }
                }
                Await.until(
                        () -> metric(weir, "weir_tls_handshakes_total{listener=\"web\",result=\"failed\"}")
                                .equals("4"),
                        weir::stderrText);
                assertEquals("hello", curl(weir.port()).out());
                assertTrue(backend.requests().size() == 1);
                assertFalse(weir.stderrText().contains("bug"), weir::stderrText);
            }
        }
    }

    @Test
    void breaksOffAConnectionWithABrokenRecord() throws Exception {
        try (ScriptedBackend backend = ScriptedBackend.saying("hello");
                WeirProcess weir = start(ONE, backend.port())) {
            TlsClient client = new TlsClient(files.resolve("ca.pem"));
            Socket plain = new Socket("127.0.0.1", weir.port());
            SSLSocket tls =
                    (SSLSocket) client.context().getSocketFactory().createSocket(plain, "a.test", weir.port(), false);
            tls.startHandshake();
            tls.getOutputStream().write(GET.getBytes(StandardCharsets.ISO_8859_1));
            assertTrue(tls.getInputStream().read() == 'H');
            plain.getOutputStream()
                    .write(new byte[] {23, 3, 3, 0, 20, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0});
            assertThrows(SSLException.class, () -> tls.getInputStream().readAllBytes());
            plain.close();
            assertEquals("hello", curl(weir.port()).out());
            assertFalse(weir.stderrText().contains("bug"), weir::stderrText);
        }
    }

    @Test
    void fallsBackToJavasEngine() throws Exception {
        try (ScriptedBackend backend = ScriptedBackend.saying("hello");
                WeirProcess weir = new WeirLaunch(yaml(ONE, backend.port()))
                        .flags("-Dweir.tls=jdk")
                        .start()) {
            assertEquals("hello", curl(weir.port()).out());
            assertEquals("hello", curl(weir.port(), "--tls-max", "1.2").out());
            assertEquals("a.test", weir.awaitLog("/x").get("sni").getAsString());
        }
        try (WeirProcess weir = new WeirLaunch(
                        yaml("{certificates: [{certificate: $a.pem, key: $a.key}], ticket-keys: $keys}", 1))
                .flags("-Dweir.tls=jdk")
                .startUnready()) {
            assertEquals(2, weir.awaitExit());
            assertTrue(weir.stderrText().contains("ticket-keys: not with Java's own engine"), weir::stderrText);
        }
    }
}
