package weir.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import weir.testing.RequiresTool;
import weir.testing.ScriptedBackend;
import weir.testing.SiteCertificates;
import weir.testing.Tool;
import weir.testing.WeirLaunch;
import weir.testing.WeirProcess;

/** TLS to clients, as curl and openssl find it. */
@RequiresTool({"openssl", "curl"})
final class TlsIT {
    @TempDir
    private Path files;

    private static String yaml(Path files, String tls, int backend) {
        return """
                listeners: {web: {address: "127.0.0.1:0", tls: %s}}
                routes: [{path: /, service: app}]
                services: {app: {backends: ["127.0.0.1:%d"]}}
                """.formatted(tls.replace("$", files + "/"), backend);
    }

    @Test
    void answersOverTlsAndSaysSoInTheLog() throws Exception {
        new SiteCertificates(files).site("a", "ec", 30, "a.test");
        String tls = "{certificates: [{certificate: $a.pem, key: $a.key}]}";
        try (ScriptedBackend backend = ScriptedBackend.saying("hello");
                WeirProcess weir = new WeirLaunch(yaml(files, tls, backend.port())).start()) {
            Tool.Result curl = Tool.run(
                    "curl",
                    "-sS",
                    "--cacert",
                    files + "/ca.pem",
                    "--resolve",
                    "a.test:" + weir.port() + ":127.0.0.1",
                    "https://a.test:" + weir.port() + "/x");
            assertEquals("hello", curl.out(), curl::err);
            JsonObject line = weir.awaitLog("/x");
            assertEquals("TLSv1.3", line.get("tls").getAsString());
            assertEquals("a.test", line.get("sni").getAsString());
            assertTrue(backend.received().contains("x-forwarded-proto: https"), backend::received);
        }
    }
}
