package weir.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import weir.testing.Await;
import weir.testing.ConsulAgent;
import weir.testing.RawClient;
import weir.testing.RequiresConsul;
import weir.testing.ScriptedBackend;
import weir.testing.WeirLaunch;
import weir.testing.WeirProcess;

/** A process that has configuration, routes and its own registration in Consul. */
@RequiresConsul
@Timeout(180)
final class SharedConfigurationIT {
    @TempDir
    private Path state = Path.of("");

    private WeirLaunch launch(ConsulAgent agent) {
        return new WeirLaunch("")
                .config("consul:weir/config")
                .environment("CONSUL_HTTP_ADDR", "127.0.0.1:" + agent.port())
                .environment("STATE_DIRECTORY", state.toString());
    }

    private static String document(String more) {
        return "admin: 127.0.0.1:0\nlisteners: {web: \"127.0.0.1:0\"}\n" + more;
    }

    private static int status(WeirProcess weir, String path) throws IOException, InterruptedException {
        return RawClient.get(weir.port(), path).status();
    }

    private static void await(WeirProcess weir, String path, int status) throws IOException, InterruptedException {
        Await.until(() -> status(weir, path) == status, () -> path + " is never answered " + status);
    }

    private static JsonArray refused(WeirProcess weir) throws IOException, InterruptedException {
        return weir.adminJson("/api/config").getAsJsonArray("refused");
    }

    @Test
    void followsItsKeyAndStartsWithTheLastGoodOneWhileConsulIsDown() throws Exception {
        try (ConsulAgent agent = ConsulAgent.dev()) {
            agent.put("/v1/kv/weir/config", document("routes: [{path: /a, respond: 201}]"));
            try (WeirProcess weir = launch(agent).start()) {
                assertEquals(201, status(weir, "/a"));
                agent.put("/v1/kv/weir/config", document("routes: [{path: /a, respond: 202}]"));
                await(weir, "/a", 202);
                agent.put("/v1/kv/weir/config", document("routes: [{path: a, respond: 203}]"));
                Await.until(() -> !refused(weir).isEmpty(), () -> "nothing is refused");
                assertTrue(
                        refused(weir).get(0).getAsString().startsWith("consul:weir/config:3:17: path: a (expected: "),
                        refused(weir).toString());
                assertEquals(202, status(weir, "/a"));
                assertEquals(
                        "consul:weir/config",
                        weir.adminJson("/api/config").get("file").getAsString());
            }
            try (WeirProcess weir = launch(agent).start()) {
                assertEquals(202, status(weir, "/a"), "a bad document, and one that was in force");
                assertTrue(!refused(weir).isEmpty());
            }
            agent.kill();
            try (WeirProcess weir = launch(agent).start()) {
                assertEquals(202, status(weir, "/a"));
                agent.restart();
                agent.awaitLeader();
                agent.put("/v1/kv/weir/config", document("routes: [{path: /a, respond: 204}]"));
                await(weir, "/a", 204);
                Await.until(() -> refused(weir).isEmpty(), () -> "still refused");
            }
        }
    }

    @Test
    void registersItselfAndLeavesBeforeItStopsAccepting() throws Exception {
        try (ConsulAgent agent = ConsulAgent.dev()) {
            String yaml =
                    document("shutdown: {delay: 4s}\nroutes: [{respond: 204}]\n" + "consul: {address: \"127.0.0.1:"
                            + agent.port() + "\", register: {service: weir, tags: [edge]}}\n");
            try (WeirProcess weir = new WeirLaunch(yaml).start()) {
                Await.until(() -> passing(agent) == 1, () -> "never passing");
                JsonObject service = JsonParser.parseString(agent.get("/v1/catalog/service/weir"))
                        .getAsJsonArray()
                        .get(0)
                        .getAsJsonObject();
                assertEquals(weir.port(), service.get("ServicePort").getAsInt());
                weir.signal("TERM");
                Await.until(() -> registered(agent) == 0, () -> "never deregistered");
                assertEquals(204, status(weir, "/"), "still accepting");
                assertEquals(0, weir.awaitExit(), weir::stderrText);
            }
        }
    }

    private static int passing(ConsulAgent agent) throws IOException {
        return JsonParser.parseString(agent.get("/v1/health/service/weir?passing"))
                .getAsJsonArray()
                .size();
    }

    private static int registered(ConsulAgent agent) throws IOException {
        return JsonParser.parseString(agent.get("/v1/catalog/service/weir"))
                .getAsJsonArray()
                .size();
    }

    @Test
    void aServiceJoinsTheEdgeByRegistering() throws Exception {
        try (ConsulAgent agent = ConsulAgent.dev();
                ScriptedBackend backend = ScriptedBackend.saying("hi")) {
            String yaml =
                    document("routes: [{path: /own, respond: 204}, {respond: 404}]\n" + "consul: {address: \"127.0.0.1:"
                            + agent.port() + "\", routes-from-tags: true, shrink-hold: 1s}\n");
            try (WeirProcess weir = new WeirLaunch(yaml).start()) {
                assertEquals(404, status(weir, "/shop"));
                agent.register(
                        "shop",
                        backend.port(),
                        ", \"Tags\": [\"v2\", \"weir.route=/shop\", \"weir.route=:80\", \"urlprefix-/own\"],"
                                + " \"Meta\": {\"version\": \"2\"}");
                await(weir, "/shop", 200);
                assertEquals(204, status(weir, "/own"));
                JsonObject routes = weir.adminJson("/api/routes");
                assertEquals(
                        "[/own, /shop, /]",
                        routes.getAsJsonArray("routes").asList().stream()
                                .map(route ->
                                        route.getAsJsonObject().get("name").getAsString())
                                .toList()
                                .toString());
                assertEquals(2, routes.getAsJsonArray("refused").size(), routes.toString());
                String metrics = weir.admin("GET", "/metrics").body();
                assertTrue(metrics.contains("weir_tag_routes{state=\"in-force\"} 1"), metrics);
                assertTrue(metrics.contains("weir_tag_routes{state=\"refused\"} 2"), metrics);
                JsonObject known = weir.backend("shop", backend.port());
                assertEquals("2", known.get("version").getAsString());
                assertEquals("v2", known.getAsJsonArray("tags").get(0).getAsString());
                assertTrue(known.get("id").getAsString().endsWith("/shop-" + backend.port()));
                agent.kill();
                Thread.sleep(2_000);
                assertEquals(200, status(weir, "/shop"), "while Consul is down");
                agent.restart();
                agent.awaitLeader();
                await(weir, "/shop", 404);
            }
        }
    }
}
