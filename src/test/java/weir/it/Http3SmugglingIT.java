package weir.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import weir.testing.Await;
import weir.testing.Http3Client;
import weir.testing.Http3ClientRequest;
import weir.testing.MuxSmugglingTable;
import weir.testing.ScriptedBackend;
import weir.testing.SiteCertificates;
import weir.testing.WeirProcess;
import weir.testing.WithWeir;

/**
 * Hostile requests over HTTP/3 end at Weir: answered with the right status or reset, the connection lives on, a line in
 * the log, and nothing of it for a backend.
 */
@WithWeir
@Timeout(60)
final class Http3SmugglingIT {
    private static final long MESSAGE_ERROR = 0x10e;

    @TempDir
    private static Path files;

    private final WeirProcess weir;

    Http3SmugglingIT(WeirProcess weir) {
        this.weir = weir;
    }

    @BeforeAll
    static void makeCertificates() throws Exception {
        new SiteCertificates(files).site("a", "ec", 30, "a.test");
    }

    static List<MuxSmugglingTable.Case> cases() {
        return MuxSmugglingTable.cases();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void stopsHostileRequests(MuxSmugglingTable.Case hostile) throws Exception {
        try (ScriptedBackend backend = ScriptedBackend.start(connection -> {
            // Reads all and answers nothing: whatever passes is seen.
            connection.readToEnd();
        })) {
            weir.use("""
                    listeners:
                      web: {address: "127.0.0.1:0", http3: true, tls: {certificates: [{certificate: %1$s/a.pem, key: %1$s/a.key}]}}
                    routes: [{path: /alive, respond: {status: 204}}, {path: /, service: app}]
                    services: {app: {backends: [%2$s]}}
                    """.formatted(files, backend.address()));
            int logged = weir.stdoutLines().size();
            try (Http3Client client = Http3Client.connect(weir.port(), files.resolve("ca.pem"), "a.test")) {
                Http3ClientRequest refused =
                        client.open().parts(hostile.parts()).awaitEnd();
                assertTrue(
                        refused.status() == hostile.status()
                                || (hostile.status() == 400 && refused.resetBy() == MESSAGE_ERROR),
                        refused::toString);
                assertEquals(204, client.get("a.test", "/alive").status());
            }
            Await.until(() -> weir.stdoutLines().size() > logged + 1, () -> "no lines in the access log");
            List<JsonObject> lines = weir.accessLog().stream()
                    .skip(logged)
                    .filter(line -> !line.has("route")
                            || !line.get("route").getAsString().equals("/alive"))
                    .toList();
            assertEquals(1, lines.size(), lines::toString);
            JsonObject line = lines.get(0);
            assertEquals(hostile.status(), line.get("status").getAsInt(), line::toString);
            assertEquals("HTTP/3.0", line.get("protocol").getAsString());
            assertTrue(!line.get("why").getAsString().isEmpty(), line::toString);
            if (hostile.inBody()) {
                assertTrue(!backend.received().contains("smuggled"), backend::received);
            } else {
                assertEquals("", backend.received());
            }
        }
    }
}
