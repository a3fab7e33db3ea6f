package weir.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import weir.testing.Await;
import weir.testing.DemoBackend;
import weir.testing.Load;
import weir.testing.WeirLaunch;
import weir.testing.WeirProcess;

/** A backend that is killed under load is nobody's problem but its own. */
@Timeout(120)
final class KillIT {
    @Test
    void hidesTheDeathOfABackendFromClients() throws Exception {
        try (DemoBackend one = DemoBackend.hello(0);
                DemoBackend two = DemoBackend.hello(0);
                WeirProcess weir = new WeirLaunch("""
                        routes: [{path: /, service: hello}]
                        services:
                          hello:
                            backends: ["127.0.0.1:%d", "127.0.0.1:%d"]
                            health-check: {path: /health, interval: 200ms, timeout: 1s}
                            ejection: {base-time: 1s}
                        """.formatted(one.port(), two.port()))
                        .threads(2)
                        .start()) {
            Load load = Load.start(weir.port(), "/killed", 6);
            load.awaitMore(500);
            one.kill();
            load.awaitMore(2_000);
            try (DemoBackend again = DemoBackend.hello(one.port())) {
                weir.awaitState("hello", again.port(), "available");
                load.awaitMore(500);
                again.kill();
                load.awaitMore(500);
            }
            load.finish();
            // A response that had begun cannot be taken back: its client sees it end early.
            List<String> unbegun = load.failures().stream()
                    .filter(failure -> !failure.endsWith("bytes early"))
                    .toList();
            assertEquals(List.of(), unbegun);
            assertTrue(load.failures().size() <= 4, () -> "too many had begun: " + load.failures());
            List<JsonObject> lines = awaitLines(weir, load.answered().size());
            assertTrue(
                    lines.stream()
                            .anyMatch(line -> line.getAsJsonArray("attempts").size() > 1),
                    "no request was ever tried again");
        }
    }

    private static List<JsonObject> awaitLines(WeirProcess weir, int count) throws Exception {
        Await.until(() -> weir.stdoutLines().size() >= count, () -> "lines are missing");
        return weir.accessLog();
    }
}
