package weir.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import weir.testing.Await;
import weir.testing.RawClient;
import weir.testing.RawResponse;
import weir.testing.Scratch;
import weir.testing.ScriptedBackend;
import weir.testing.WeirProcess;

/** The admin API of the real process: what it shows, what it changes, and whom it refuses. */
@Timeout(60)
final class AdminIT {
    private final ScriptedBackend one = ScriptedBackend.saying("one");
    private final ScriptedBackend two = ScriptedBackend.saying("two");

    AdminIT() throws IOException {}

    @AfterEach
    void stopBackends() throws IOException {
        one.close();
        two.close();
    }

    private String config() {
        return """
                routes: [{path: /api, service: app, rewrite: {strip-prefix: /api}}, {path: /fixed, respond: 204}]
                services: {app: {backends: [%s, %s]}}
                """.formatted(one.address(), two.address());
    }

    private String path(ScriptedBackend backend, String what) {
        return "/api/services/app/backends/" + backend.address() + "/" + what;
    }

    private static Map<String, Integer> bodies(WeirProcess weir, int requests)
            throws IOException, InterruptedException {
        Map<String, Integer> counts = new HashMap<>();
        for (int i = 0; i < requests; i++) {
            counts.merge(RawClient.get(weir.port(), "/api/x").body(), 1, Integer::sum);
        }
        return counts;
    }

    @Test
    void drainsAndEnablesABackend() throws Exception {
        try (WeirProcess weir = WeirProcess.start(config())) {
            assertEquals(Map.of("one", 4, "two", 4), bodies(weir, 8));
            assertEquals(200, weir.admin("POST", path(one, "drain")).statusCode());
            assertEquals(Map.of("two", 4), bodies(weir, 4));
            JsonObject drained = weir.backend("app", one.port());
            assertEquals("drained", drained.get("state").getAsString());
            weir.use(config() + "limits: {header-count: 99}\n");
            assertEquals(Map.of("two", 4), bodies(weir, 4), "what an operator set survives a reload");
            assertEquals(200, weir.admin("POST", path(one, "enable")).statusCode());
            assertEquals(Map.of("one", 4, "two", 4), bodies(weir, 8));
        }
    }

    @Test
    void lendsADrainedBackendItsRequestInFlight() throws Exception {
        CountDownLatch latch = new CountDownLatch(1);
        try (ScriptedBackend slow = ScriptedBackend.start(connection -> {
                    connection.readRequest();
                    latch.await();
                    connection.send(ScriptedBackend.ok("finished"));
                    connection.readToEnd();
                });
                WeirProcess weir = WeirProcess.start("""
                        routes: [{path: /, service: app}]
                        services: {app: {backends: [%s]}}
                        """.formatted(slow.address()));
                RawClient client = RawClient.connect(weir.port())) {
            client.send("GET / HTTP/1.1\r\nHost: a.test\r\n\r\n");
            Await.until(() -> slow.requests().size() == 1, () -> "no request arrived");
            assertEquals(200, weir.admin("POST", path(slow, "drain")).statusCode());
            assertEquals(1, weir.backend("app", slow.port()).get("in-flight").getAsInt());
            assertEquals(503, RawClient.get(weir.port(), "/").status());
            latch.countDown();
            assertEquals("finished", client.read().body());
        }
    }

    @Test
    void disablesABackendAndClosesItsIdleConnections() throws Exception {
        try (WeirProcess weir = WeirProcess.start(config())) {
            bodies(weir, 4);
            assertEquals(200, weir.admin("POST", path(one, "disable")).statusCode());
            assertEquals(Map.of("two", 3), bodies(weir, 3));
            Await.until(() -> one.open() == 0, () -> "idle connections stay open");
        }
    }

    @Test
    void changesTheWeight() throws Exception {
        try (WeirProcess weir = WeirProcess.start(config())) {
            String put = "PUT %s HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nConnection: close\r\n\r\n%s";
            RawResponse response = RawClient.exchange(weir.adminPort(), put.formatted(path(one, "weight"), "3"));
            assertEquals(200, response.status(), response::body);
            assertEquals(Map.of("one", 6, "two", 2), bodies(weir, 8));
            RawClient.exchange(weir.adminPort(), put.formatted(path(one, "weight"), "0"));
            assertEquals(Map.of("two", 4), bodies(weir, 4));
            assertEquals(
                    400,
                    RawClient.exchange(weir.adminPort(), put.formatted(path(one, "weight"), "x"))
                            .status());
            assertEquals(200, weir.admin("DELETE", path(one, "weight")).statusCode());
            assertEquals(Map.of("one", 4, "two", 4), bodies(weir, 8));
        }
    }

    @Test
    void explainsWhereARequestWouldGo() throws Exception {
        try (WeirProcess weir = WeirProcess.start(config())) {
            weir.admin("POST", path(one, "disable"));
            JsonObject answer = weir.adminJson("/api/explain?method=GET&url=http://a.test/api/x?y=1");
            assertEquals("app", answer.get("service").getAsString());
            assertEquals("/x?y=1", answer.get("forwarded-target").getAsString());
            JsonArray candidates = answer.getAsJsonArray("backends");
            assertEquals(2, candidates.size());
            for (var candidate : candidates) {
                boolean pickable = candidate.getAsJsonObject().get("pickable").getAsBoolean();
                String address = candidate.getAsJsonObject().get("address").getAsString();
                assertEquals(address.equals(two.address()), pickable, answer::toString);
            }
            assertTrue(weir.adminJson("/api/explain?method=GET&url=http://a.test/none")
                    .get("service")
                    .isJsonNull());
        }
    }

    @Test
    void showsRoutesAndConfiguration() throws Exception {
        try (WeirProcess weir = WeirProcess.start(config())) {
            assertEquals(
                    2, weir.adminJson("/api/routes").getAsJsonArray("routes").size());
            JsonObject configuration = weir.adminJson("/api/config").getAsJsonObject("configuration");
            assertTrue(configuration.toString().contains(one.address().substring(10)), configuration::toString);
            assertEquals(404, weir.admin("GET", "/api/nothing").statusCode());
            assertEquals(404, weir.admin("GET", "/api/services/nobody").statusCode());
            assertEquals(405, weir.admin("GET", "/api/reload").statusCode());
        }
    }

    @Test
    void saysWhatIsWrongWithAFileItWasToldToReload() throws Exception {
        try (WeirProcess weir = WeirProcess.start(config())) {
            weir.rewrite("rutes: []\n");
            HttpResponse<String> refused = weir.admin("POST", "/api/reload");
            assertEquals(422, refused.statusCode());
            JsonObject answer = JsonParser.parseString(refused.body()).getAsJsonObject();
            assertTrue(answer.getAsJsonArray("problems").toString().contains("routes"), refused::body);
            assertEquals("one", RawClient.get(weir.port(), "/api/").body().replace("two", "one"));
        }
    }

    @Test
    void refusesPagesOfOtherSites() throws Exception {
        try (WeirProcess weir = WeirProcess.start(config())) {
            String change = "POST " + path(one, "drain") + " HTTP/1.1\r\nHost: %s\r\nContent-Length: 0\r\n%s\r\n";
            for (String[] foreign : new String[][] {
                {"localhost", "Origin: https://evil.test\r\n"},
                {"localhost", "Origin: null\r\n"},
                {"localhost", "Sec-Fetch-Site: cross-site\r\n"},
                {"rebound.test", ""},
            }) {
                String request = change.formatted(foreign[0], foreign[1]);
                assertEquals(403, RawClient.exchange(weir.adminPort(), request).status(), request);
            }
            assertEquals(
                    403,
                    RawClient.exchange(weir.adminPort(), "GET /api/config HTTP/1.1\r\nHost: rebound.test\r\n\r\n")
                            .status());
            assertEquals(
                    "available", weir.backend("app", one.port()).get("state").getAsString());
        }
    }

    @Test
    void takesChangesOnlyWithTheTokenWhereThereIsOne() throws Exception {
        var token = Scratch.directory("weir-token").resolve("token");
        Files.writeString(token, "0123456789abcdef0123456789abcdef\n");
        String admin = "admin: {address: \"127.0.0.1:0\", token-file: \"" + token + "\"}\n";
        try (WeirProcess weir = WeirProcess.start(admin + config())) {
            assertEquals(401, weir.admin("POST", path(one, "drain")).statusCode());
            assertEquals(
                    401,
                    weir.admin("POST", path(one, "drain"), "authorization", "Bearer wrong")
                            .statusCode());
            assertEquals(
                    200,
                    weir.admin("POST", path(one, "drain"), "authorization", "Bearer 0123456789abcdef0123456789abcdef")
                            .statusCode());
            assertTrue(!weir.admin("GET", "/api/config").body().contains("0123456789abcdef"));
        }
    }

    @Test
    void changesNothingWhenReadOnly() throws Exception {
        String admin = "admin: {address: \"127.0.0.1:0\", read-only: true}\n";
        try (WeirProcess weir = WeirProcess.start(admin + config())) {
            assertEquals(403, weir.admin("POST", path(one, "drain")).statusCode());
            assertEquals(403, weir.admin("POST", "/api/reload").statusCode());
            assertEquals(200, weir.admin("GET", "/api/services").statusCode());
        }
    }
}
