package weir.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import weir.testing.Await;
import weir.testing.RawClient;
import weir.testing.RawResponse;
import weir.testing.ScriptedBackend;
import weir.testing.SmugglingTable;
import weir.testing.WeirProcess;
import weir.testing.WithWeir;

/** Hostile requests end at Weir: right status, connection closed, a line in the log, and nothing of it for a backend. */
@WithWeir
@Timeout(60)
final class SmugglingIT {
    private final WeirProcess weir;

    SmugglingIT(WeirProcess weir) {
        this.weir = weir;
    }

    static List<SmugglingTable.Case> cases() {
        return SmugglingTable.cases();
    }

    @Test
    void knowsAtLeastAHundredTricks() {
        assertTrue(cases().size() >= 100, () -> "cases: " + cases().size());
    }

    @ParameterizedTest
    @MethodSource("cases")
    void stopsHostileRequests(SmugglingTable.Case hostile) throws Exception {
        try (ScriptedBackend backend = ScriptedBackend.start(connection -> {
            // Reads all and answers nothing: whatever passes is seen.
            connection.readToEnd();
        })) {
            weir.use("""
                    routes: [{path: /, service: app}]
                    services: {app: {backends: [%s]}}
                    """.formatted(backend.address()));
            int logged = weir.stdoutLines().size();
            try (RawClient client = RawClient.connect(weir.port())) {
                client.send(hostile.bytes());
                RawResponse response = client.read();
                assertEquals(hostile.status(), response.status());
                assertTrue(response.closes(), response::head);
                assertEquals("", client.readToEnd());
            }
            Await.until(() -> weir.stdoutLines().size() > logged, () -> "no line in the access log");
            List<JsonObject> lines = weir.accessLog();
            assertEquals(logged + 1, lines.size());
            JsonObject line = lines.get(logged);
            assertEquals(hostile.status(), line.get("status").getAsInt());
            assertTrue(!line.get("why").getAsString().isEmpty(), line::toString);
            if (hostile.inBody()) {
                Await.until(() -> backend.open() == 0, () -> "the backend's connection was kept");
                assertTrue(!backend.received().contains("smuggled"), backend::received);
            } else {
                assertEquals("", backend.received());
            }
        }
    }
}
