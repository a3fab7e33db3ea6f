package weir.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import weir.testing.Await;
import weir.testing.Http2Client;
import weir.testing.MuxSmugglingTable;
import weir.testing.ScriptedBackend;
import weir.testing.WeirProcess;
import weir.testing.WithWeir;

/**
 * Hostile requests over HTTP/2 end at Weir: right status, the stream is reset and the connection lives on, a line in the
 * log, and nothing of it for a backend.
 */
@WithWeir
@Timeout(60)
final class Http2SmugglingIT {
    private final WeirProcess weir;

    Http2SmugglingIT(WeirProcess weir) {
        this.weir = weir;
    }

    static List<MuxSmugglingTable.Case> cases() {
        List<MuxSmugglingTable.Case> cases = new ArrayList<>(MuxSmugglingTable.cases());
        cases.add(MuxSmugglingTable.unendedTrailers());
        return cases;
    }

    @ParameterizedTest
    @MethodSource("cases")
    void stopsHostileRequests(MuxSmugglingTable.Case hostile) throws Exception {
        try (ScriptedBackend backend = ScriptedBackend.start(connection -> {
            // Reads all and answers nothing: whatever passes is seen.
            connection.readToEnd();
        })) {
            weir.use("""
                    routes: [{path: /alive, respond: {status: 204}}, {path: /, service: app}]
                    services: {app: {backends: [%s]}}
                    """.formatted(backend.address()));
            int logged = weir.stdoutLines().size();
            try (Http2Client client = Http2Client.connect(weir.port())) {
                client.send(client.frames.request(1, hostile.parts()));
                assertEquals(hostile.status(), client.response(1).status());
                client.send(client.frames.get(3, "/alive"));
                assertEquals(204, client.response(3).status());
            }
            Await.until(() -> weir.stdoutLines().size() > logged + 1, () -> "no lines in the access log");
            List<JsonObject> lines = weir.accessLog();
            assertEquals(logged + 2, lines.size());
            JsonObject line = lines.get(logged);
            assertEquals(hostile.status(), line.get("status").getAsInt());
            assertEquals("HTTP/2.0", line.get("protocol").getAsString());
            assertTrue(!line.get("why").getAsString().isEmpty(), line::toString);
            if (hostile.inBody()) {
                assertTrue(!backend.received().contains("smuggled"), backend::received);
            } else {
                assertEquals("", backend.received());
            }
        }
    }
}
