package weir.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import weir.testing.Http3Client;
import weir.testing.Http3ClientRequest;
import weir.testing.ScriptedBackend;
import weir.testing.SiteCertificates;
import weir.testing.WeirProcess;
import weir.testing.WithWeir;

/** HTTP/3 to clients, as Netty's QUIC client finds it. */
@WithWeir
@Timeout(120)
final class Http3IT {
    @TempDir
    private static Path files;

    private final WeirProcess weir;

    Http3IT(WeirProcess weir) {
        this.weir = weir;
    }

    @BeforeAll
    static void makeCertificates() throws Exception {
        new SiteCertificates(files).site("a", "ec", 30, "a.test");
    }

    private static String yaml(String rest) {
        return """
                listeners:
                  web: {address: "127.0.0.1:0", http3: true, tls: {certificates: [{certificate: %1$s/a.pem, key: %1$s/a.key}]}}
                %2$s
                """.formatted(files, rest);
    }

    private static String app(ScriptedBackend backend) {
        return """
                routes: [{path: /, service: app}]
                services: {app: {backends: [%s]}}
                """.formatted(backend.address());
    }

    private Http3Client connect() throws Exception {
        return Http3Client.connect(weir.port(), files.resolve("ca.pem"), "a.test");
    }

    @Test
    void answersAndSaysSoInTheLog() throws Exception {
        try (ScriptedBackend backend = ScriptedBackend.saying("hello")) {
            weir.use(yaml(app(backend)));
            try (Http3Client client = connect()) {
                Http3ClientRequest response = client.get("a.test", "/simple?q=1");
                assertEquals(200, response.status(), response::toString);
                assertEquals("hello", response.body());
                JsonObject line = weir.awaitLog("/simple?q=1");
                assertEquals("HTTP/3.0", line.get("protocol").getAsString());
                assertEquals("TLSv1.3", line.get("tls").getAsString());
                assertEquals("a.test", line.get("sni").getAsString());
                assertEquals("web", line.get("listener").getAsString());
                String request = backend.onlyRequest();
                assertTrue(request.startsWith("GET /simple?q=1 HTTP/1.1\r\nhost: a.test\r\n"), request);
                assertTrue(request.contains("\r\nx-forwarded-proto: https\r\n"), request);
                assertTrue(!request.contains("transfer-encoding"), request);
            }
        }
    }
}
