package weir.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.cert.CertificateFactory;
import java.util.Base64;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import weir.testing.Await;
import weir.testing.BackendSocket;
import weir.testing.Chromium;
import weir.testing.FreePort;
import weir.testing.RawHead;
import weir.testing.RequiresTool;
import weir.testing.ScriptedBackend;
import weir.testing.SiteCertificates;
import weir.testing.WebSocketEcho;
import weir.testing.WeirLaunch;
import weir.testing.WeirProcess;

/** A browser engine as the client, by HTTP/1.1 in the clear, by HTTP/2 and by HTTP/3. */
@RequiresTool({"chromium", "openssl"})
@Timeout(60)
final class BrowserIT {
    private static final String PAGE = "<!doctype html><title>a page</title><link rel=icon href=data:,>"
            + "<link rel=stylesheet href=/style.css><script src=/script.js></script><body>of Weir</body>";

    @TempDir
    private static Path files;

    private static ScriptedBackend backend;
    private static WeirProcess weir;
    private static Chromium browser;

    @BeforeAll
    static void start() throws Exception {
        new SiteCertificates(files).site("a", "ec", 30, "a.test quic.test");
        backend = ScriptedBackend.start(BrowserIT::serve);
        String tls = "tls: {certificates: [{certificate: %1$s/a.pem, key: %1$s/a.key}]}".formatted(files);
        weir = new WeirLaunch("""
                listeners:
                  web: {address: "127.0.0.1:0"}
                  tls: {address: "127.0.0.1:%3$d", %1$s}
                  quic: {address: "127.0.0.1:%4$d", http3: true, %1$s}
                routes: [{path: /, service: app}]
                services: {app: {backends: [%2$s]}}
                """.formatted(tls, backend.address(), FreePort.take(), FreePort.take()))
                .threads(2)
                .start();
        browser = Chromium.start(
                files,
                "--ignore-certificate-errors-spki-list=" + fingerprint(),
                "--origin-to-force-quic-on=quic.test:" + weir.port("quic"));
    }

    @AfterAll
    static void end() throws Exception {
        for (AutoCloseable each : new AutoCloseable[] {browser, weir, backend}) {
            if (each != null) {
                each.close();
            }
        }
    }

    /** The hash of a certificate's key, by which Chromium is told to believe it. */
    private static String fingerprint() throws Exception {
        try (InputStream in = Files.newInputStream(files.resolve("a.pem"))) {
            byte[] key = CertificateFactory.getInstance("X.509")
                    .generateCertificate(in)
                    .getPublicKey()
                    .getEncoded();
            return Base64.getEncoder()
                    .encodeToString(MessageDigest.getInstance("SHA-256").digest(key));
        }
    }

    private static void serve(BackendSocket connection) throws IOException {
        for (String head = connection.readHead(); head != null; head = connection.readHead()) {
            String path = RawHead.target(head).replaceAll("\\?.*", "");
            if (path.equals("/socket")) {
                WebSocketEcho.serve(connection, head);
                return;
            }
            if (path.equals("/endless")) {
                connection.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n");
                connection.readToEnd();
                return;
            }
            String body = connection.readBody(head);
            connection.send(
                    switch (path) {
                        case "/" -> typed("text/html", PAGE);
                        case "/style.css" -> typed("text/css", "body { color: rgb(1, 2, 3) }");
                        case "/script.js" -> typed("text/javascript", "var scripted = 'yes';");
                        case "/zipped" -> zipped("x".repeat(100_000));
                        case "/cookie" ->
                            "HTTP/1.1 204 No Content\r\nSet-Cookie: made=here; HttpOnly\r\nSet-Cookie: two=2\r\n\r\n";
                        case "/length" -> ScriptedBackend.ok(String.valueOf(body.length()));
                        default -> ScriptedBackend.ok("item " + path);
                    });
        }
    }

    private static String typed(String type, String body) {
        return "HTTP/1.1 200 OK\r\nContent-Type: " + type + "\r\nContent-Length: " + body.length() + "\r\n\r\n" + body;
    }

    private static String zipped(String text) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
            out.write(text.getBytes(StandardCharsets.US_ASCII));
        }
        return "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Encoding: gzip\r\nContent-Length: "
                + bytes.size() + "\r\n\r\n" + bytes.toString(StandardCharsets.ISO_8859_1);
    }

    private static void openClear() throws Exception {
        browser.open("http://a.test:" + weir.port() + "/");
    }

    private static void openTls() throws Exception {
        browser.open("https://a.test:" + weir.port("tls") + "/");
    }

    private static void openQuic() throws Exception {
        browser.open("https://quic.test:" + weir.port("quic") + "/");
    }

    /** The page is whole, and page, style sheet and script came by that protocol. */
    private static void assertLoaded(String protocol) throws Exception {
        assertEquals("a page", browser.text("document.title"));
        assertEquals("rgb(1, 2, 3)", browser.text("getComputedStyle(document.body).color"));
        assertEquals("yes", browser.text("scripted"));
        assertEquals(
                protocol,
                browser.text("[...new Set(performance.getEntries().map(e => e.nextHopProtocol)"
                        + ".filter(p => p))].join()"));
    }

    /** Many at once, each with its own answer, all by that protocol. */
    private static void assertFetchesInParallel(String protocol, String prefix) throws Exception {
        assertEquals("100 " + protocol, browser.text("""
                        (async () => {
                            const paths = [...Array(100).keys()].map(i => '%s' + i);
                            const texts = await Promise.all(paths.map(p => fetch(p).then(r => r.text())));
                            const good = texts.filter((text, i) => text === 'item ' + paths[i]).length;
                            const protocols = paths.map(p => performance.getEntriesByName(location.origin + p)[0])
                                .map(e => e.nextHopProtocol);
                            return good + ' ' + [...new Set(protocols)].join();
                        })()""".formatted(prefix)));
        for (int i = 0; i < 100; i += 33) {
            assertEquals(200, weir.awaitLog(prefix + i).get("status").getAsInt());
        }
    }

    private static void assertPosts(String path) throws Exception {
        assertEquals(
                "300000",
                browser.text(
                        "fetch('%s', {method: 'POST', body: 'b'.repeat(300000)}).then(r => r.text())".formatted(path)));
        assertEquals(300_000, weir.awaitLog(path).get("bytes_in").getAsInt());
    }

    /** Reads the beginning of what never ends, and goes away. */
    private static void assertAborts(String path) throws Exception {
        assertEquals("first AbortError", browser.text("""
                        (async () => {
                            const abort = new AbortController();
                            const response = await fetch('%s', {signal: abort.signal});
                            const reader = response.body.getReader();
                            const first = new TextDecoder().decode((await reader.read()).value);
                            abort.abort();
                            return first + ' ' + await reader.read().catch(e => e.name);
                        })()""".formatted(path)));
        JsonObject line = weir.awaitLog(path);
        assertEquals("client-gone", line.get("why").getAsString(), line::toString);
    }

    /** Two messages, one of them large, and a close; returns the line of the log. */
    private static JsonObject echoes(String path) throws Exception {
        assertEquals("hello,100000,closed 4001 enough", browser.text("""
                        new Promise((done, failed) => {
                            const got = [];
                            const socket = new WebSocket(location.origin.replace('http', 'ws') + '%s');
                            socket.onerror = () => failed(new Error('broken after ' + got.length));
                            socket.onopen = () => socket.send('hello');
                            socket.onmessage = m => {
                                got.push(m.data.length > 10 ? m.data.length : m.data);
                                got.length < 2 ? socket.send('y'.repeat(100000)) : socket.close(4001, 'enough');
                            };
                            socket.onclose = e => done(got.join() + ',closed ' + e.code + ' ' + e.reason);
                        })""".formatted(path)));
        return weir.awaitLog(path);
    }

    @Test
    void loadsAPageByHttp1InTheClear() throws Exception {
        openClear();
        assertLoaded("http/1.1");
        assertFetchesInParallel("http/1.1", "/clear-");
        assertPosts("/length?clear");
    }

    @Test
    void loadsAPageByHttp2() throws Exception {
        openTls();
        assertLoaded("h2");
        assertFetchesInParallel("h2", "/tls-");
        assertPosts("/length?tls");
        assertAborts("/endless?tls");
        JsonObject line = weir.awaitLog("/tls-0");
        assertEquals("HTTP/2.0", line.get("protocol").getAsString());
        assertEquals("a.test", line.get("sni").getAsString());
    }

    @Test
    void loadsAPageByHttp3() throws Exception {
        openQuic();
        assertLoaded("h3");
        assertFetchesInParallel("h3", "/quic-");
        assertPosts("/length?quic");
        JsonObject line = weir.awaitLog("/quic-0");
        assertEquals("HTTP/3.0", line.get("protocol").getAsString());
        assertEquals("quic.test", line.get("sni").getAsString());
    }

    @Test
    void streamsARequest() throws Exception {
        openTls();
        assertEquals("50000", browser.text("""
                        (async () => {
                            const body = new ReadableStream({
                                async start(to) {
                                    for (let i = 0; i < 5; i++) {
                                        to.enqueue(new Uint8Array(10000));
                                        await new Promise(later => setTimeout(later, 10));
                                    }
                                    to.close();
                                },
                            });
                            return (await fetch('/length?stream', {method: 'POST', body, duplex: 'half'})).text();
                        })()"""));
    }

    @Test
    void passesGzipAsItIs() throws Exception {
        openTls();
        assertEquals(
                "100000 gzip",
                browser.text("fetch('/zipped').then(async r => (await r.text()).length + ' '"
                        + " + r.headers.get('content-encoding'))"));
        assertTrue(weir.awaitLog("/zipped").get("bytes_out").getAsInt() < 1_000);
        assertTrue(String.valueOf(RawHead.value(request("/zipped"), "accept-encoding"))
                .contains("gzip"));
    }

    private static String request(String target) {
        List<String> heads = backend.requests().stream()
                .filter(head -> RawHead.target(head).equals(target))
                .toList();
        assertEquals(1, heads.size(), heads::toString);
        return heads.get(0);
    }

    @Test
    void joinsTheCookiesThatComeInCrumbs() throws Exception {
        openTls();
        assertEquals(
                "two=2; three=3",
                browser.text("fetch('/cookie').then(() => { document.cookie = 'three=3';"
                        + " return fetch('/with-cookies'); }).then(() => document.cookie)"));
        assertEquals("made=here; two=2; three=3", RawHead.value(request("/with-cookies"), "cookie"));
    }

    @Test
    void opensAWebSocketInTheClear() throws Exception {
        openClear();
        JsonObject line = echoes("/socket?clear");
        assertEquals("HTTP/1.1", line.get("protocol").getAsString());
        assertEquals(101, line.get("status").getAsInt());
        assertEquals("", line.get("why").getAsString());
    }

    @Test
    void opensAWebSocketOnItsHttp2Connection() throws Exception {
        openTls();
        JsonObject line = echoes("/socket?tls");
        assertEquals("HTTP/2.0", line.get("protocol").getAsString());
        assertEquals(101, line.get("status").getAsInt());
        assertEquals("", line.get("why").getAsString());
        assertTrue(line.get("bytes_in").getAsInt() > 100_000, line::toString);
        Await.until(
                () -> weir.backend("app", backend.port()).get("in-flight").getAsInt() == 0,
                () -> "the backend's side is open still");
    }
}
