package weir.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import weir.testing.Await;
import weir.testing.RawClient;
import weir.testing.RawHead;
import weir.testing.ScriptedBackend;
import weir.testing.WeirProcess;
import weir.testing.WithWeir;

/** Active checks, ejection, panic: who is picked, and what the admin API and the log say about it. */
@WithWeir
@Timeout(60)
final class HealthIT {
    private static final AtomicInteger NAMES = new AtomicInteger();

    private final WeirProcess weir;
    private final String service = "app-" + NAMES.incrementAndGet();

    HealthIT(WeirProcess weir) {
        this.weir = weir;
    }

    private void use(String settings, ScriptedBackend... backends) throws IOException, InterruptedException {
        StringBuilder addresses = new StringBuilder();
        for (ScriptedBackend backend : backends) {
            addresses.append(addresses.isEmpty() ? "" : ", ").append(backend.address());
        }
        weir.use("""
                routes: [{path: /, service: "%1$s"}]
                services: {"%1$s": {backends: [%2$s], %3$s}}
                """.formatted(service, addresses, settings));
    }

    /** A backend that answers all requests, or those for /health only, with a status that may change. */
    private static ScriptedBackend answering(AtomicInteger status, boolean healthOnly) throws IOException {
        return ScriptedBackend.start(connection -> {
            for (String head = connection.readRequest(); head != null; head = connection.readRequest()) {
                boolean health = RawHead.target(head).equals("/health");
                int code = health || !healthOnly ? status.get() : 200;
                String body = health ? "state: " + (code < 400 ? "good" : "bad") : "served";
                connection.send("HTTP/1.1 " + code + " X\r\nContent-Length: " + body.length() + "\r\n\r\n" + body);
            }
        });
    }

    private int statusOf(String path) throws IOException, InterruptedException {
        return RawClient.get(weir.port(), path).status();
    }

    /** The one reason that stands against a backend. */
    private JsonObject reason(ScriptedBackend backend) throws IOException, InterruptedException {
        JsonArray reasons = weir.backend(service, backend.port()).getAsJsonArray("reasons");
        assertEquals(1, reasons.size(), reasons::toString);
        return reasons.get(0).getAsJsonObject();
    }

    @Test
    void takesABackendOutThatFailsItsCheckAndTakesItBack() throws Exception {
        AtomicInteger status = new AtomicInteger(200);
        try (ScriptedBackend sick = answering(status, true);
                ScriptedBackend well = ScriptedBackend.saying("well")) {
            use(
                    "health-check: {path: /health, interval: 100ms, timeout: 1s, healthy-after: 2, unhealthy-after: 2}",
                    sick,
                    well);
            weir.awaitState(service, sick.port(), "available");
            status.set(500);
            weir.awaitState(service, sick.port(), "unhealthy");
            JsonObject down = reason(sick);
            assertTrue(down.get("why").getAsString().contains("500"), down::toString);
            assertTrue(!down.get("since").isJsonNull(), down::toString);
            for (int i = 0; i < 6; i++) {
                assertEquals("well", RawClient.get(weir.port(), "/").body());
            }
            status.set(204);
            weir.awaitState(service, sick.port(), "available");
            Set<String> bodies = new HashSet<>();
            for (int i = 0; i < 6; i++) {
                bodies.add(RawClient.get(weir.port(), "/").body());
            }
            assertEquals(Set.of("well", "served"), bodies);
            long flips = weir.stderrText()
                    .lines()
                    .filter(line -> line.contains("127.0.0.1:" + sick.port()))
                    .count();
            assertTrue(flips >= 2 && flips <= 4, () -> "only flips are logged: " + weir.stderrText());
        }
    }

    @Test
    void looksForATextInTheBody() throws Exception {
        AtomicInteger status = new AtomicInteger(399);
        try (ScriptedBackend backend = answering(status, true)) {
            use(
                    "health-check: {path: /health, body: \"state: good\", status: 200-499, interval: 100ms, "
                            + "unhealthy-after: 1}",
                    backend);
            weir.awaitState(service, backend.port(), "available");
            status.set(400);
            weir.awaitState(service, backend.port(), "unhealthy");
        }
    }

    @Test
    void opensATcpConnectionWhereThatIsTheCheck() throws Exception {
        String check = "health-check: {type: tcp, interval: 100ms, timeout: 500ms, healthy-after: 1, "
                + "unhealthy-after: 1}, retry: {attempts: 1}";
        int port;
        try (ScriptedBackend backend = ScriptedBackend.saying("ok")) {
            port = backend.port();
            use(check, backend);
            Await.until(() -> statusOf("/") == 200, () -> "never served");
        }
        weir.awaitState(service, port, "unhealthy");
        Await.until(() -> statusOf("/falling") == 503, () -> "still picked");
        assertEquals(503, statusOf("/down"), "who fails its active check is not picked even in panic");
        assertEquals("no-backend", weir.awaitLog("/down").get("why").getAsString());
        try (ScriptedBackend again = ScriptedBackend.start(port, connection -> {
            while (connection.readRequest() != null) {
                connection.send(ScriptedBackend.ok("back"));
            }
        })) {
            weir.awaitState(service, again.port(), "available");
            Await.until(() -> RawClient.get(weir.port(), "/").body().equals("back"), () -> "never picked again");
        }
    }

    @Test
    void ejectsABackendAfterConsecutiveErrorsAndTakesItBack() throws Exception {
        AtomicInteger status = new AtomicInteger(503);
        try (ScriptedBackend bad = answering(status, false);
                ScriptedBackend good = ScriptedBackend.saying("good")) {
            use("retry: {attempts: 1}, ejection: {consecutive-errors: 3, base-time: 1s, max-time: 1s}", bad, good);
            int errors = 0;
            for (int i = 0; i < 12; i++) {
                errors += statusOf("/eject") == 503 ? 1 : 0;
            }
            // The verdict is another thread's: a request may slip in before it.
            assertTrue(errors == 3 || errors == 4, () -> "not ejected after three");
            weir.awaitState(service, bad.port(), "ejected");
            JsonObject out = reason(bad);
            assertTrue(out.get("why").getAsString().contains("503"), out::toString);
            assertTrue(!out.get("until").isJsonNull(), out::toString);
            status.set(200);
            weir.awaitState(service, bad.port(), "available");
            bad.forget();
            Await.until(() -> statusOf("/back") == 200 && !bad.requests().isEmpty(), () -> "it gets no requests again");
            String metrics = weir.admin("GET", "/metrics").body();
            assertTrue(metrics.contains("weir_ejections_total"), "ejections are not counted");
        }
    }

    @Test
    void leavesAPlain500ToTheApplication() throws Exception {
        AtomicInteger status = new AtomicInteger(500);
        try (ScriptedBackend backend = answering(status, false);
                ScriptedBackend other = answering(status, false)) {
            use("ejection: {consecutive-errors: 2}", backend, other);
            for (int i = 0; i < 12; i++) {
                assertEquals(500, statusOf("/app-error"));
            }
            assertEquals(
                    "available",
                    weir.backend(service, backend.port()).get("state").getAsString());
        }
    }

    @Test
    void ejectsNoMoreThanHalf() throws Exception {
        AtomicInteger status = new AtomicInteger(503);
        try (ScriptedBackend one = answering(status, false);
                ScriptedBackend two = answering(status, false);
                ScriptedBackend three = answering(status, false);
                ScriptedBackend four = answering(status, false)) {
            use("retry: {attempts: 1}, ejection: {consecutive-errors: 1}", one, two, three, four);
            for (int i = 0; i < 30; i++) {
                assertEquals(503, statusOf("/cap"));
            }
            int ejected = 0;
            for (ScriptedBackend backend : new ScriptedBackend[] {one, two, three, four}) {
                ejected += weir.backend(service, backend.port())
                                .get("state")
                                .getAsString()
                                .equals("ejected")
                        ? 1
                        : 0;
            }
            assertEquals(2, ejected);
        }
    }

    @Test
    void picksTheEjectedWhenNobodyElseIsLeft() throws Exception {
        AtomicInteger status = new AtomicInteger(503);
        try (ScriptedBackend bad = answering(status, false);
                ScriptedBackend drained = ScriptedBackend.saying("drained")) {
            use("retry: {attempts: 1}, ejection: {consecutive-errors: 1, max-percent: 100}", bad, drained);
            Await.until(
                    () -> {
                        statusOf("/panic");
                        return weir.backend(service, bad.port())
                                .get("state")
                                .getAsString()
                                .equals("ejected");
                    },
                    () -> "never ejected");
            assertEquals(
                    200,
                    weir.admin("POST", "/api/services/" + service + "/backends/127.0.0.1:" + drained.port() + "/drain")
                            .statusCode());
            status.set(200);
            assertEquals("served", RawClient.get(weir.port(), "/panic").body());
            assertTrue(weir.adminJson("/api/services/" + service).get("panic").getAsBoolean());
        }
    }
}
