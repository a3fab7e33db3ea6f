package weir.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import weir.testing.Await;
import weir.testing.ConsulAgent;
import weir.testing.Load;
import weir.testing.RawClient;
import weir.testing.RequiresConsul;
import weir.testing.ScriptedBackend;
import weir.testing.WeirLaunch;
import weir.testing.WeirProcess;

/** A Weir whose backends are in Consul, under load, while Consul changes, fails and comes back. */
@RequiresConsul
@Timeout(120)
class ConsulIT {
    @TempDir
    private Path directory;

    private static String yaml(int port, String more) {
        return """
                consul: {address: "127.0.0.1:%d", shrink-hold: 2s%s}
                routes: [{path: /, service: app}]
                services: {app: {consul: app}}
                """.formatted(port, more);
    }

    /** Sockets are bound before Consul has answered; whoever sends traffic waits for this. */
    private static WeirProcess ready(WeirProcess weir) throws Exception {
        Await.until(() -> weir.admin("GET", "/readyz").statusCode() == 200, weir::stderrText);
        return weir;
    }

    private static JsonObject discovery(WeirProcess weir) throws IOException, InterruptedException {
        return weir.adminJson("/api/services/app").getAsJsonObject("discovery");
    }

    /** Like that of the process, but for a backend that may not be there yet. */
    private static void awaitState(WeirProcess weir, int port, String state) throws Exception {
        Await.until(
                () -> {
                    for (var backend : weir.adminJson("/api/services/app").getAsJsonArray("backends")) {
                        JsonObject one = backend.getAsJsonObject();
                        if (one.get("address").getAsString().endsWith(":" + port)) {
                            return one.get("state").getAsString().equals(state);
                        }
                    }
                    return false;
                },
                () -> "backend " + port + " never became " + state + "; stderr: " + weir.stderrText());
    }

    @Test
    void failsNoRequestWhileConsulChangesDiesAndComesBack() throws Exception {
        try (ConsulAgent agent = ConsulAgent.server();
                ScriptedBackend a = ScriptedBackend.saying("a");
                ScriptedBackend b = ScriptedBackend.saying("b");
                ScriptedBackend c = ScriptedBackend.saying("c")) {
            agent.register("app", a.port());
            agent.register("app", b.port());
            try (WeirProcess weir = ready(WeirProcess.start(yaml(agent.port(), "")));
                    Load load = Load.start(weir.port(), "/x/", 3)) {
                load.awaitMore(50);
                agent.register("app", c.port());
                awaitState(weir, c.port(), "available");
                agent.status("app", a.port(), "critical");
                awaitState(weir, a.port(), "consul");
                assertTrue(weir.backend("app", a.port()).toString().contains("set by a test"));
                load.awaitMore(50);
                agent.status("app", a.port(), "passing");
                awaitState(weir, a.port(), "available");
                agent.maintenance("app", b.port(), true);
                awaitState(weir, b.port(), "consul");
                agent.deregister("app", b.port());
                Await.until(
                        () -> weir.adminJson("/api/services/app")
                                        .getAsJsonArray("backends")
                                        .size()
                                == 2,
                        () -> "b never left");
                agent.kill();
                Await.until(() -> !discovery(weir).get("problem").isJsonNull(), () -> "no problem noticed");
                load.awaitMore(200);
                assertEquals(200, weir.admin("GET", "/readyz").statusCode());
                assertEquals(
                        "available", weir.backend("app", a.port()).get("state").getAsString());
                agent.restart();
                agent.awaitLeader();
                agent.register("app", b.port());
                agent.status("app", a.port(), "passing");
                agent.status("app", c.port(), "passing");
                for (ScriptedBackend backend : List.of(a, b, c)) {
                    awaitState(weir, backend.port(), "available");
                }
                load.awaitMore(50);
                assertEquals(List.of(), load.failures());
                assertTrue(weir.awaitLog(line -> line.get("status").getAsInt() == 200)
                                .get("discovery_age")
                                .getAsDouble()
                        >= 0);
                String metrics = weir.admin("GET", "/metrics").body();
                assertTrue(metrics.contains("weir_discovery_age_seconds{service=\"app\"}"), metrics);
                assertTrue(metrics.contains("weir_consul_watches{kind=\"own\"} 1"), metrics);
                assertTrue(metrics.contains("weir_consul_requests_total{result=\"unreachable\"}"), metrics);
            }
        }
    }

    @Test
    void startsWhileConsulIsDownFromWhatItKnewBefore() throws Exception {
        String cache = ", cache-file: \"" + directory.resolve("consul.json") + '"';
        try (ConsulAgent agent = ConsulAgent.dev();
                ScriptedBackend a = ScriptedBackend.saying("a")) {
            agent.register("app", a.port());
            try (WeirProcess weir = ready(WeirProcess.start(yaml(agent.port(), cache)))) {
                assertFalse(discovery(weir).get("cached").getAsBoolean());
            }
            agent.kill();
            try (WeirProcess weir = ready(WeirProcess.start(yaml(agent.port(), cache)));
                    RawClient client = RawClient.connect(weir.port())) {
                assertEquals(
                        "a",
                        client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n").read().body());
                assertTrue(discovery(weir).get("cached").getAsBoolean());
            }
            try (WeirProcess weir = new WeirLaunch(yaml(agent.port(), "")).startUnready()) {
                weir.awaitStderr("ready in ");
                assertEquals(503, weir.admin("GET", "/readyz").statusCode(), "nothing is known of its service yet");
                agent.restart();
                agent.awaitLeader();
                agent.register("app", a.port());
                awaitState(weir, a.port(), "available");
                assertEquals(200, weir.admin("GET", "/readyz").statusCode());
            }
        }
    }
}
