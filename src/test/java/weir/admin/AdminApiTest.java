package weir.admin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import weir.service.Reason;
import weir.testing.ExpectsBug;

final class AdminApiTest {
    private static final String BACKEND = "/api/services/hello/backends/127.0.0.1:9001";

    private final AdminFixture admin = new AdminFixture();

    @Test
    void healthIsOkWhileTheProcessLives() {
        admin.readiness = Readiness.starting(List.of("listener web is not bound"));
        FakeStream answer = admin.get("/healthz");
        assertEquals(200, answer.status);
        assertEquals("ok\n", answer.body.toString());
    }

    @Test
    void readinessSaysWhatIsMissing() {
        assertEquals(200, admin.get("/readyz").status);

        admin.readiness = Readiness.starting(List.of("listener web is not bound"));
        FakeStream starting = admin.get("/readyz");
        assertEquals(503, starting.status);
        JsonObject why = JsonParser.parseString(starting.body.toString()).getAsJsonObject();
        assertEquals("starting", why.get("state").getAsString());
        assertEquals(
                "listener web is not bound",
                why.getAsJsonArray("reasons").get(0).getAsString());

        admin.readiness = Readiness.draining(List.of("shutting down"));
        FakeStream draining = admin.get("/readyz");
        assertEquals(503, draining.status);
        assertTrue(draining.body.indexOf("\"draining\"") > 0);
    }

    @Test
    void metricsAreThePrometheusTextOfTheView() {
        FakeStream answer = admin.get("/metrics");
        assertEquals("weir_up 1\n", answer.body.toString());
        assertEquals("text/plain; version=0.0.4; charset=utf-8", answer.fields.get("content-type"));
    }

    @Test
    void servicesHaveEveryBackendWithItsReasons() {
        admin.services.replace(
                "hello",
                FakeServices.backend("10.0.0.1:80", 1),
                FakeServices.backend(
                        "10.0.0.2:80",
                        1,
                        FakeServices.reason(Reason.EJECTED, AdminFixture.NOW, "5 errors in a row"),
                        FakeServices.reason(Reason.DRAINED, null, "drained by an operator")));
        JsonObject hello =
                admin.json("/api/services").getAsJsonArray("services").get(0).getAsJsonObject();
        assertEquals("hello", hello.get("name").getAsString());
        assertEquals("round-robin", hello.get("balance").getAsString());
        assertEquals(1, hello.get("available").getAsInt());

        JsonObject up = hello.getAsJsonArray("backends").get(0).getAsJsonObject();
        assertEquals(
                List.of(
                        "address",
                        "host",
                        "weight",
                        "weight-set",
                        "zone",
                        "id",
                        "version",
                        "tags",
                        "meta",
                        "state",
                        "health",
                        "in-flight",
                        "connections",
                        "requests",
                        "errors",
                        "latency-ms",
                        "reasons"),
                new ArrayList<>(up.keySet()));
        assertEquals("available", up.get("state").getAsString());
        assertEquals(1.25, up.get("latency-ms").getAsDouble());

        JsonObject out = hello.getAsJsonArray("backends").get(1).getAsJsonObject();
        assertEquals("drained", out.get("state").getAsString());
        JsonObject ejected = out.getAsJsonArray("reasons").get(0).getAsJsonObject();
        assertEquals("ejected", ejected.get("reason").getAsString());
        assertEquals("2026-01-02T03:04:05Z", ejected.get("since").getAsString());
        assertEquals("2026-02-03T04:05:06Z", ejected.get("until").getAsString());
        assertEquals("5 errors in a row", ejected.get("why").getAsString());
        JsonObject drained = out.getAsJsonArray("reasons").get(1).getAsJsonObject();
        assertTrue(drained.get("until").isJsonNull());
    }

    @Test
    void serviceNameIsPercentDecodedAfterThePathIsSplit() {
        assertEquals(
                "a/b ü", admin.json("/api/services/a%2Fb%20%C3%BC").get("name").getAsString());
        assertEquals(404, admin.get("/api/services/a/b").status);
        assertEquals(404, admin.get("/api/services/nobody").status);
    }

    @Test
    void routesAndConfigurationAreShownWithoutSecrets() {
        String routes = admin.get("/api/routes").body.toString();
        assertTrue(routes.contains("\"location\": \"config.yaml:7:5\""), routes);
        assertTrue(routes.contains("\"x-env\": \"prod\""), routes);

        JsonObject config = admin.json("/api/config");
        assertEquals("config.yaml", config.get("file").getAsString());
        JsonObject shown = config.getAsJsonObject("configuration");
        assertEquals(
                "10s", shown.getAsJsonObject("limits").get("header-timeout").getAsString());
        assertEquals(
                "127.0.0.1:9900", shown.getAsJsonObject("admin").get("address").getAsString());
        assertEquals(
                "drop", shown.getAsJsonObject("access-log").get("when-full").getAsString());

        for (String text : List.of(routes, config.toString())) {
            assertFalse(text.contains("c2VjcmV0"), text);
            assertTrue(text.replace(" ", "").contains("\"authorization\":\"***\""), text);
        }
    }

    @Test
    void explainJoinsTheWalkWithTheBackends() {
        admin.walk = new RouteWalk(
                List.of(
                        new RouteWalk.Step("sum", "config.yaml:3:5", false, "path /sum is no prefix of /hello/Ada"),
                        new RouteWalk.Step("hello", "config.yaml:4:5", true, "path /hello")),
                "hello",
                "hello",
                null,
                "/Ada");
        JsonObject answer = admin.json(
                "/api/explain?method=GET&url=http%3A%2F%2Fexample.com%2Fhello%2FAda&header=x-canary%3A+1&header=x-b:2");
        assertEquals("hello", answer.get("route").getAsString());
        assertEquals("/Ada", answer.get("forwarded-target").getAsString());
        assertEquals(2, answer.getAsJsonArray("routes").size());
        assertTrue(answer.get("answer").isJsonNull());
        JsonObject first = answer.getAsJsonArray("backends").get(0).getAsJsonObject();
        assertEquals("127.0.0.1:9001", first.get("address").getAsString());
        assertTrue(first.get("pickable").getAsBoolean());
        assertEquals(
                new ExplainRequest(
                        "GET",
                        "http",
                        "example.com",
                        "/hello/Ada",
                        List.of(new RequestField("x-canary", "1"), new RequestField("x-b", "2"))),
                admin.explained.get(0));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/api/explain",
                "/api/explain?url=ftp://example.com/",
                "/api/explain?url=http://user@example.com/",
                "/api/explain?url=http:///x",
                "/api/explain?url=/%20",
                "/api/explain?url=/&method=G%20T",
                "/api/explain?url=/&header=novalue",
                "/api/explain?url=/&header=a%20b:c",
                "/api/explain?url=/&header=a:%0d%0ab",
                "/api/explain?url=/%zz",
                "/api/explain?url=%"
            })
    void explainRefusesWhatNobodyCouldSend(String target) {
        assertEquals(400, admin.get(target).status);
        assertTrue(admin.explained.isEmpty());
    }

    @Test
    void unknownQueryParametersAreIgnored() {
        assertEquals(200, admin.get("/api/services?x=1&&y").status);
    }

    @ParameterizedTest
    @CsvSource({
        "POST, /drain,, drain hello 127.0.0.1:9001, drained",
        "POST, /disable,, disable hello 127.0.0.1:9001, disabled",
        "POST, /enable,, enable hello 127.0.0.1:9001, available",
        "PUT, /weight, 7, weight 7 hello 127.0.0.1:9001, available",
        "PUT, /weight, ' 7\n', weight 7 hello 127.0.0.1:9001, available",
        "PUT, /weight, '{\"weight\": 0}', weight 0 hello 127.0.0.1:9001, weight-0",
        "DELETE, /weight,, reset weight hello 127.0.0.1:9001, available",
    })
    void changesABackendAndShowsIt(String method, String what, String body, String call, String state) {
        FakeStream answer = admin.send(method, BACKEND + what, body);
        assertEquals(200, answer.status, answer.body.toString());
        assertEquals(List.of(call), admin.services.calls);
        assertEquals(
                state,
                JsonParser.parseString(answer.body.toString())
                        .getAsJsonObject()
                        .get("state")
                        .getAsString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"[::1]:9002", "%5B::1%5D:9002", "%5b%3A%3a1%5D%3A9002"})
    void bracketsOfAnAddressMayBePercentEncoded(String address) {
        assertEquals(200, admin.send("POST", "/api/services/hello/backends/" + address + "/drain", null).status);
        assertEquals(List.of("drain hello [::1]:9002"), admin.services.calls);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "x",
                "-1",
                "1.5",
                "65536",
                "99999999999999999999",
                "1e999999999",
                "{}",
                "{\"weight\": \"3\"}",
                "[1]",
                "null",
                "{\"weight\":",
                "true",
                "NaN"
            })
    void refusesAWeightThatIsNone(String body) {
        FakeStream answer = admin.send("PUT", BACKEND + "/weight", body);
        assertEquals(400, answer.status, answer.body.toString());
        assertTrue(answer.body.indexOf("expected: a whole number") > 0);
        assertTrue(admin.services.calls.isEmpty());
    }

    @Test
    void changesOfNobodyAreNotFound() {
        assertEquals(404, admin.send("POST", "/api/services/nobody/backends/127.0.0.1:9001/drain", null).status);
        FakeStream backend = admin.send("POST", "/api/services/hello/backends/127.0.0.1:1/drain", null);
        assertEquals(404, backend.status);
        assertTrue(backend.body.indexOf("service hello has no backend 127.0.0.1:1") > 0);
    }

    @Test
    void reloadAnswersWithTheProblemsOfABadFile() {
        admin.reload = ReloadResult.applied(List.of("threads: a change needs a restart"));
        FakeStream good = admin.send("POST", "/api/reload", null);
        assertEquals(200, good.status);
        assertTrue(good.body.indexOf("threads: a change needs a restart") > 0);

        admin.reload = ReloadResult.refused(List.of("config.yaml:3:1: unknown key: rutes (did you mean routes?)"));
        FakeStream bad = admin.send("POST", "/api/reload", null);
        assertEquals(422, bad.status);
        assertTrue(bad.body.indexOf("config.yaml:3:1: unknown key: rutes (did you mean routes?)") > 0);
        assertEquals(2, admin.reloads);
    }

    @Test
    void changesRunOnTheControlExecutorAndAreAnsweredOnTheLoop() throws InterruptedException {
        List<Runnable> tasks = new ArrayList<>();
        admin.control = tasks::add;
        FakeStream stream = admin.send("POST", "/api/reload", null);
        assertEquals(0, stream.responses);
        assertEquals(0, admin.reloads);

        Thread control = new Thread(tasks.get(0));
        control.start();
        control.join();
        assertEquals(1, admin.reloads);
        assertEquals(0, stream.responses);

        admin.controlled.get(0).run();
        assertEquals(200, stream.status);
        assertTrue(stream.flushed);
    }

    @Test
    void changesAreRefusedOnceTheControlExecutorIsShutDown() {
        admin.control = task -> {
            throw new RejectedExecutionException();
        };
        assertEquals(503, admin.send("POST", "/api/reload", null).status);
    }

    @ParameterizedTest
    @CsvSource({
        "debug, weir, DEBUG",
        "WARN, weir, WARN",
        "'\"info\"', weir, INFO",
        "'{\"level\": \"trace\", \"logger\": \"weir.health\"}', weir.health, TRACE",
        "'{\"level\": \"off\", \"logger\": \"ROOT\"}', ROOT, OFF",
    })
    void setsALogLevel(String body, String logger, String level) {
        assertEquals(200, admin.send("PUT", "/api/log-level", body).status);
        assertEquals(Level.toLevel(level), admin.logging.getLogger(logger).getLevel());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "loud",
                "{}",
                "{\"level\"",
                "{\"level\": 3}",
                "{\"level\": \"info\", \"logger\": \"../x\"}",
                "{\"level\": \"info\", \"logger\": \"a b\"}"
            })
    void refusesALogLevelThatIsNone(String body) {
        assertEquals(400, admin.send("PUT", "/api/log-level", body).status);
        assertNull(admin.logging.getLogger("weir").getLevel());
    }

    @Test
    void indexNamesOperationsThatExist() {
        JsonArray endpoints = admin.json("/").getAsJsonArray("endpoints");
        assertEquals(16, endpoints.size());
        for (JsonElement e : endpoints) {
            String path = e.getAsJsonObject()
                    .get("path")
                    .getAsString()
                    .replace("{service}", "hello")
                    .replace("{address}", "127.0.0.1:9001");
            int status = admin.send(e.getAsJsonObject().get("method").getAsString(), path, "7").status;
            assertTrue(status == 200 || status == 400, path + ": " + status);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "POST, /healthz, 'GET, HEAD'",
        "DELETE, /api/services, 'GET, HEAD'",
        "GET, /api/reload, POST",
        "HEAD, /api/reload, POST",
        "OPTIONS, /api/reload, POST",
        "TRACE, /, 'GET, HEAD'",
        "POST, /api/services/hello/backends/a/weight, 'DELETE, PUT'",
        "BREW, /metrics, 'GET, HEAD'",
    })
    void otherMethodsAreNotAllowed(String method, String path, String allowed) {
        FakeStream answer = admin.send(method, path, null);
        assertEquals(405, answer.status);
        assertEquals(allowed, answer.fields.get("allow"));
        assertFalse(answer.fields.keySet().stream().anyMatch(f -> f.startsWith("access-control")));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/api",
                "/api/",
                "/api/services/",
                "//api/services",
                "/API/services",
                "/healthz/",
                "*",
                "/%68ealth",
                "/api/services/hello/backends",
                "/api/services/hello/backends/x/explode",
                "/a/../etc/passwd",
                "/api%2Fservices"
            })
    void otherPathsAreNotFound(String path) {
        assertEquals(404, admin.send("GET", path, null).status);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/api/services/%",
                "/api/services/%zz",
                "/api/services/%ff",
                "/api/services/%0a",
                "/api/services/%00"
            })
    void pathsThatAreNoTextAreBadRequests(String path) {
        assertEquals(400, admin.get(path).status);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/../healthz", "/%00", "/%", "/%zz", "healthz"})
    void pathsThatNoRequestMayHaveAreBadRequests(String path) {
        FakeStream answer = admin.get(path);
        assertEquals(400, answer.status);
        assertTrue(answer.closes);
    }

    @Test
    void pathsAreNormalisedBeforeTheyAreMatched() {
        assertEquals(200, admin.get("/x/%2e%2e/%68ealthz").status);
        assertEquals(200, admin.send("GET", "", null).status);
        admin.host = "evil.example";
        assertEquals(403, admin.get("/healthz/../%61pi/config").status);
    }

    @Test
    @ExpectsBug
    void anUnexpectedFailureIsAnErrorWithoutItsInside() {
        admin.walk = null;
        FakeStream answer = admin.get("/api/explain?url=/x");
        assertEquals(500, answer.status);
        assertFalse(answer.body.toString().contains("NullPointer"));
    }
}
