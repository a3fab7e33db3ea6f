package weir.it;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import weir.testing.Await;
import weir.testing.H2spec;
import weir.testing.RequiresTool;
import weir.testing.ScriptedBackend;
import weir.testing.SiteCertificates;
import weir.testing.Tool;
import weir.testing.WeirLaunch;
import weir.testing.WeirProcess;

/** All of h2spec passes, strictly, with an HTTP/1.1 backend behind. */
@EnabledOnOs(value = OS.LINUX, architectures = "amd64")
@Timeout(300)
final class H2specIT {
    private static final String ALL = "146 tests, 146 passed, 0 skipped, 0 failed";
    private static final String ROUTES = """
            routes: [{path: /, service: app}]
            services: {app: {backends: [%s]}}
            """;

    @TempDir
    private Path files;

    @Test
    void passesByPriorKnowledge() throws Exception {
        try (ScriptedBackend backend = ScriptedBackend.saying("hello, hello");
                WeirProcess weir = WeirProcess.start(ROUTES.formatted(backend.address()))) {
            Tool.Result result = H2spec.in(files).strict(weir.port());
            assertTrue(result.said().contains(ALL), result::said);
            // Also those on which a response waited for a window when the client left.
            Await.until(
                    () -> weir.admin("GET", "/metrics").body().contains("\nweir_connections_open 0\n"),
                    () -> "connections stay");
        }
    }

    @Test
    @RequiresTool("openssl")
    void passesOverTls() throws Exception {
        new SiteCertificates(files).site("a", "ec", 30, "localhost");
        String listener = """
                listeners:
                  web:
                    address: "127.0.0.1:0"
                    tls: {certificates: [{certificate: %1$s/a.pem, key: %1$s/a.key}]}
                """.formatted(files);
        try (ScriptedBackend backend = ScriptedBackend.saying("hello, hello");
                WeirProcess weir = new WeirLaunch(listener + ROUTES.formatted(backend.address())).start()) {
            Tool.Result result = H2spec.in(files).strict(weir.port(), "--tls", "--insecure");
            assertTrue(result.said().contains(ALL), result::said);
        }
    }
}
