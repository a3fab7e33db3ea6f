package weir.it;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.any;
import static com.github.tomakehurst.wiremock.client.WireMock.anyUrl;
import static com.github.tomakehurst.wiremock.core.WireMockConfiguration.options;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.github.tomakehurst.wiremock.WireMockServer;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import weir.testing.Await;
import weir.testing.BackendSocket;
import weir.testing.FreePort;
import weir.testing.RawClient;
import weir.testing.RawResponse;
import weir.testing.ScriptedBackend;
import weir.testing.WeirProcess;
import weir.testing.WithWeir;

/** When a request is sent again, and when it never is (RFC 9110 section 9.2.2). */
@WithWeir
@Timeout(60)
final class RetryIT {
    private static final String NO_EJECTION = "ejection: {consecutive-errors: 0, consecutive-connect-failures: 0}";

    private static final AtomicInteger NAMES = new AtomicInteger();

    private final WeirProcess weir;

    RetryIT(WeirProcess weir) {
        this.weir = weir;
    }

    /** Each service has a name of its own: a budget spent by one test is not that of the next. */
    private void use(String first, String second, String retry) throws IOException, InterruptedException {
        weir.use("""
                routes: [{path: /, service: "%1$s"}]
                services: {"%1$s": {backends: ["%2$s", "%3$s"], retry: {%4$s back-off: 1ms..5ms}, %5$s}}
                """.formatted("app-" + NAMES.incrementAndGet(), first, second, retry, NO_EJECTION));
    }

    /** An address on which nobody listens. */
    private static String closedAddress() throws IOException {
        return "127.0.0.1:" + FreePort.take();
    }

    private static ScriptedBackend resetting() throws IOException {
        return ScriptedBackend.start(connection -> {
            connection.readRequest();
            connection.reset();
        });
    }

    private RawResponse post(String path, String body) throws IOException, InterruptedException {
        return RawClient.exchange(
                weir.port(),
                "POST " + path + " HTTP/1.1\r\nHost: a.test\r\nContent-Length: " + body.length() + "\r\n\r\n" + body);
    }

    /** Two requests, one of which meets the bad backend first; the line in the log of that one. */
    private JsonObject retried(String path, String badAddress) throws InterruptedException {
        return weir.awaitLog(line -> line.has("path")
                && line.get("path").getAsString().startsWith(path)
                && line.getAsJsonArray("attempts").size() == 2
                && line.getAsJsonArray("attempts").get(0).toString().contains(badAddress));
    }

    @Test
    void triesAnotherBackendWhenOneCannotBeReached() throws Exception {
        String closed = closedAddress();
        try (ScriptedBackend good = ScriptedBackend.saying("good")) {
            use(closed, good.address(), "");
            for (int i = 0; i < 4; i++) {
                assertEquals("good", RawClient.get(weir.port(), "/connect" + i).body());
            }
            JsonArray attempts = retried("/connect", closed).getAsJsonArray("attempts");
            assertEquals(
                    "connect-failed",
                    attempts.get(0).getAsJsonObject().get("outcome").getAsString());
            assertEquals(
                    good.address(),
                    attempts.get(1).getAsJsonObject().get("backend").getAsString());
            assertEquals("200", attempts.get(1).getAsJsonObject().get("outcome").getAsString());
        }
    }

    @Test
    void sendsABodyAgainOfWhichNothingWasSent() throws Exception {
        String closed = closedAddress();
        try (ScriptedBackend good = ScriptedBackend.saying("good")) {
            use(closed, good.address(), "");
            for (int i = 0; i < 4; i++) {
                assertEquals("good", post("/unsent" + i, "body").body());
            }
            retried("/unsent", closed);
            assertTrue(good.received().contains("body"));
        }
    }

    @Test
    void triesAnotherBackendAfterAReset() throws Exception {
        try (ScriptedBackend bad = resetting();
                ScriptedBackend good = ScriptedBackend.saying("good")) {
            use(bad.address(), good.address(), "");
            for (int i = 0; i < 4; i++) {
                assertEquals("good", RawClient.get(weir.port(), "/reset" + i).body());
            }
            JsonObject line = retried("/reset", bad.address());
            assertTrue(line.getAsJsonArray("attempts").toString().contains("backend-reset"), line::toString);
            assertEquals("", line.get("why").getAsString());
        }
    }

    @Test
    void triesAnotherBackendAfterCertainStatuses() throws Exception {
        WireMockServer bad = new WireMockServer(options().dynamicPort().jettyAcceptors(1));
        bad.start();
        try (ScriptedBackend good = ScriptedBackend.saying("good")) {
            bad.stubFor(any(anyUrl()).willReturn(aResponse().withStatus(503).withBody("sorry")));
            String address = "127.0.0.1:" + bad.port();
            use(address, good.address(), "");
            for (int i = 0; i < 4; i++) {
                assertEquals("good", RawClient.get(weir.port(), "/status" + i).body());
            }
            assertTrue(retried("/status", address)
                    .getAsJsonArray("attempts")
                    .toString()
                    .contains("503"));
            use(address, address.replace("127.0.0.1", "localhost"), "conditions: [connect-failure], ");
            assertEquals("sorry", RawClient.get(weir.port(), "/passed").body());
        } finally {
            bad.stop();
        }
    }

    @Test
    void passesTheLastAnswerWhenAllFail() throws Exception {
        String answer = "HTTP/1.1 503 Busy\r\nContent-Length: 4\r\n\r\nbusy";
        try (ScriptedBackend one = ScriptedBackend.answering(answer);
                ScriptedBackend two = ScriptedBackend.answering(answer)) {
            use(one.address(), two.address(), "");
            RawResponse response = RawClient.get(weir.port(), "/all");
            assertEquals(503, response.status());
            assertEquals("busy", response.body());
            assertEquals(2, one.requests().size() + two.requests().size());
        }
    }

    @Test
    void neverRepeatsAPost() throws Exception {
        try (ScriptedBackend bad = resetting();
                ScriptedBackend other = resetting()) {
            use(bad.address(), other.address(), "attempts: 4, ");
            for (int i = 0; i < 6; i++) {
                assertEquals(502, post("/post" + i, i % 2 == 0 ? "" : "body").status());
                assertEquals(i + 1, bad.requests().size() + other.requests().size());
            }
            assertEquals("backend-reset", weir.awaitLog("/post0").get("why").getAsString());
        }
    }

    @Test
    void neverRepeatsAPutWithABody() throws Exception {
        try (ScriptedBackend bad = resetting();
                ScriptedBackend other = resetting()) {
            use(bad.address(), other.address(), "");
            RawResponse response =
                    RawClient.exchange(weir.port(), "PUT / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 4\r\n\r\nbody");
            assertEquals(502, response.status());
            assertEquals(1, bad.requests().size() + other.requests().size());
        }
    }

    /** Serves one request and dies while the second is on its way, as a backend does whose keep-alive ends. */
    private static void dieOnReuse(BackendSocket connection) throws IOException {
        connection.readRequest();
        connection.send(ScriptedBackend.ok("first"));
        connection.readHead();
        connection.reset();
    }

    @Test
    void answersAPostWhoseReusedConnectionDiesWith502AndLetsItBeSeenOnce() throws Exception {
        try (ScriptedBackend backend = ScriptedBackend.start(RetryIT::dieOnReuse);
                RawClient client = only(backend)) {
            assertEquals("first", client.send(get("/warm")).read().body());
            client.send("POST /once HTTP/1.1\r\nHost: a.test\r\nContent-Length: 0\r\n\r\n");
            assertEquals(502, client.read().status());
            assertEquals(
                    1,
                    backend.requests().stream()
                            .filter(head -> head.startsWith("POST /once "))
                            .count());
        }
    }

    @Test
    void repeatsAGetWhoseReusedConnectionDiesOnAFreshOne() throws Exception {
        try (ScriptedBackend backend = ScriptedBackend.start(RetryIT::dieOnReuse);
                RawClient client = only(backend)) {
            assertEquals("first", client.send(get("/warm")).read().body());
            assertEquals("first", client.send(get("/again")).read().body());
            assertEquals(2, weir.awaitLog("/again").getAsJsonArray("attempts").size());
        }
    }

    private RawClient only(ScriptedBackend backend) throws IOException, InterruptedException {
        weir.use("""
                routes: [{path: /, service: "%1$s"}]
                services: {"%1$s": {backends: [%2$s], %3$s}}
                """.formatted("app-" + NAMES.incrementAndGet(), backend.address(), NO_EJECTION));
        return RawClient.connect(weir.port());
    }

    private static String get(String path) {
        return "GET " + path + " HTTP/1.1\r\nHost: a.test\r\n\r\n";
    }

    @Test
    void neverRepeatsWhenTheResponseHasBegun() throws Exception {
        try (ScriptedBackend bad = ScriptedBackend.start(connection -> {
                    connection.readRequest();
                    connection.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc");
                    Thread.sleep(100);
                    connection.reset();
                });
                RawClient client = only(bad)) {
            String all = client.send(get("/begun")).readToEnd();
            assertTrue(all.endsWith("abc"), all);
            assertEquals(1, bad.requests().size());
        }
    }

    @Test
    void stopsRetryingWhenTheBudgetIsSpent() throws Exception {
        try (ScriptedBackend one = resetting();
                ScriptedBackend two = resetting()) {
            use(one.address(), two.address(), "budget-percent: 10, ");
            int requests = 150;
            for (int i = 0; i < requests; i++) {
                assertEquals(502, RawClient.get(weir.port(), "/budget").status());
            }
            int sent = one.requests().size() + two.requests().size();
            // A tenth, and the floor of 3 per second over 10 seconds.
            assertTrue(sent > requests && sent <= requests + 15 + 35, () -> "sent: " + sent);
            Await.until(
                    () -> weir.admin("GET", "/metrics").body().contains("weir_retries_total"),
                    () -> "retries are not counted");
        }
    }
}
