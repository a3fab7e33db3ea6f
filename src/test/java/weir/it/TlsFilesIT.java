package weir.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import weir.testing.Await;
import weir.testing.RawClient;
import weir.testing.RequiresTool;
import weir.testing.ScriptedBackend;
import weir.testing.SiteCertificates;
import weir.testing.TlsClient;
import weir.testing.Tool;
import weir.testing.WeirLaunch;
import weir.testing.WeirProcess;

/** The files of TLS while Weir runs, and files that are no good. */
@RequiresTool("openssl")
final class TlsFilesIT {
    private static final String GET = "GET /x HTTP/1.1\r\nHost: a.test\r\n\r\n";

    @TempDir
    private Path files;

    private TlsClient client;

    @BeforeEach
    void makeFiles() throws Exception {
        SiteCertificates all = new SiteCertificates(files)
                .site("a", "ec", 30, "a.test")
                .site("b", "rsa", 60, "a.test")
                .site("c", "ec", 90, "a.test");
        client = new TlsClient(all.ca());
    }

    private String yaml(String key, int backend) {
        return """
                listeners:
                  web: {address: "127.0.0.1:0", tls: {certificates: [{certificate: %s/a.pem, key: %s}]}}
                routes: [{path: /, service: app}]
                services: {app: {backends: ["127.0.0.1:%d"]}}
                """.formatted(files, files.resolve(key), backend);
    }

    private void replace(String file, String by) throws IOException {
        Path next = files.resolve("next");
        Files.copy(files.resolve(by), next);
        Files.move(next, files.resolve(file), StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    }

    private String shown(int port) throws IOException {
        try (SSLSocket socket = client.connect(port, "a.test")) {
            return socket.getSession().getPeerPrincipal().getName();
        }
    }

    /** New connections get the new files a moment after it is said. */
    private void awaitShown(String name, int port) throws Exception {
        Await.until(() -> shown(port).equals(name), () -> name + " is not shown");
    }

    @Test
    void takesUpChangedFilesWithoutDroppingAConnection() throws Exception {
        try (ScriptedBackend backend = ScriptedBackend.saying("hello");
                WeirProcess weir = new WeirLaunch(yaml("a.key", backend.port())).start();
                RawClient old = client.raw(weir.port(), "a.test")) {
            assertEquals("hello", old.send(GET).read().body());
            replace("a.pem", "b.pem");
            weir.awaitStderr("listener web: changed TLS files are no good, the old ones stay");
            weir.awaitStderr("weir.yaml:3:");
            assertEquals("CN=a", shown(weir.port()));
            replace("a.key", "b.key");
            weir.awaitStderr("listener web: changed TLS files are in force");
            awaitShown("CN=b", weir.port());
            Files.writeString(files.resolve("a.pem"), "garbage");
            weir.awaitStderr("are no good", 2);
            assertEquals("CN=b", shown(weir.port()));
            replace("a.pem", "c.pem");
            replace("a.key", "c.key");
            weir.awaitStderr("listener web: changed TLS files are in force", 2);
            awaitShown("CN=c", weir.port());
            assertEquals("hello", old.send(GET).read().body());
        }
    }

    @Test
    void doesNotStartWithAKeyOfAnotherCertificate() throws Exception {
        try (WeirProcess weir = new WeirLaunch(yaml("b.key", 1)).startUnready()) {
            assertEquals(2, weir.awaitExit());
            String said = weir.stderrText();
            assertTrue(said.contains("weir.yaml:"), said);
            assertTrue(said.contains("b.key: not the key of the certificate in "), said);
        }
    }

    @Test
    void checksTheFilesToo() throws Exception {
        Path yaml = files.resolve("weir.yaml");
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        String[] check = {java, "-jar", WeirLaunch.jar().toString(), "check", yaml.toString()};
        Files.writeString(yaml, yaml("b.key", 1).replace("{app: {", "{app: {protocol: https, tls: {ca: no.pem}, "));
        Tool.Result bad = Tool.run(check);
        assertEquals(2, bad.exit(), bad::said);
        assertTrue(bad.err().startsWith(yaml + ":2:"), bad::err);
        assertTrue(bad.err().contains("/no.pem: no such file"), bad::err);
        Files.writeString(yaml, yaml("a.key", 1));
        assertEquals(0, Tool.run(check).exit());
    }

    @Test
    void refusesAReloadWithBadFiles() throws Exception {
        try (ScriptedBackend backend = ScriptedBackend.saying("hello");
                WeirProcess weir = new WeirLaunch(yaml("a.key", backend.port())).start()) {
            weir.rewrite(yaml("no.key", backend.port()));
            HttpResponse<String> response = weir.admin("POST", "/api/reload");
            assertNotEquals(200, response.statusCode());
            assertTrue(response.body().contains("no.key: no such file"), response::body);
            assertEquals("CN=a", shown(weir.port()));
        }
    }

    @Test
    void appliesOtherSettingsToLaterConnections() throws Exception {
        try (ScriptedBackend backend = ScriptedBackend.saying("hello");
                WeirProcess weir = new WeirLaunch(yaml("a.key", backend.port())).start()) {
            long now = System.currentTimeMillis();
            SSLSocket socket = client.connect(weir.port(), "a.test");
            try (RawClient old = RawClient.over(socket, now)) {
                assertEquals("hello", old.send(GET).read().body());
                weir.use(yaml("a.key", backend.port()).replace("tls: {", "tls: {minimum-version: TLSv1.3, "));
                assertEquals("hello", old.send(GET).read().body());
            }
            assertThrows(SSLException.class, () -> {
                try (SSLSocket late = client.connect(weir.port(), "a.test", "TLSv1.2")) {
                    late.getInputStream().read();
                }
            });
            assertEquals("CN=a", shown(weir.port()));
        }
    }
}
