package weir.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import weir.testing.Await;
import weir.testing.Load;
import weir.testing.RawClient;
import weir.testing.RawResponse;
import weir.testing.Scratch;
import weir.testing.ScriptedBackend;
import weir.testing.WeirLaunch;
import weir.testing.WeirProcess;

/** Start and end of the process, with everything a supervisor relies on. */
@Timeout(120)
final class LifeCycleIT {
    private static final String GET = "GET %s HTTP/1.1\r\nHost: a.test\r\n\r\n";

    private static String config(ScriptedBackend backend, String shutdown) {
        return """
                routes: [{path: /, service: app}]
                services: {app: {backends: [%s]}}
                shutdown: {%s}
                """.formatted(backend.address(), shutdown);
    }

    /** Several times: what is lost here is lost in the instant in which the sockets close. */
    @RepeatedTest(4)
    void drainsUnderLoadWithoutAFailedRequest() throws Exception {
        try (ScriptedBackend backend = ScriptedBackend.start(connection -> {
                    while (connection.readRequest() != null) {
                        Thread.sleep(2);
                        connection.send(ScriptedBackend.ok("ok"));
                    }
                });
                WeirProcess weir = new WeirLaunch(config(backend, "delay: 500ms"))
                        .threads(2)
                        .start()) {
            Load load = Load.start(weir.port(), "/load", 6);
            load.awaitMore(200);
            weir.signal("TERM");
            assertEquals(0, weir.awaitExit());
            load.finish();
            assertEquals(List.of(), load.failures());
            ReloadIT.assertLoggedOnce(weir, load);
        }
    }

    @Test
    void isNotReadyWhileItWaitsForTheTrafficToEnd() throws Exception {
        CountDownLatch latch = new CountDownLatch(1);
        try (ScriptedBackend backend = ScriptedBackend.start(connection -> {
                    String head = connection.readRequest();
                    if (head != null && head.startsWith("GET /slow ")) {
                        latch.await();
                    }
                    connection.send(ScriptedBackend.ok("ok"));
                    connection.readToEnd();
                });
                WeirProcess weir = WeirProcess.start(config(backend, "delay: 2s, drain-timeout: 30s"));
                RawClient slow = RawClient.connect(weir.port())) {
            assertEquals(200, weir.admin("GET", "/readyz").statusCode());
            slow.send(GET.formatted("/slow"));
            Await.until(() -> !backend.requests().isEmpty(), () -> "no request arrived");
            weir.signal("TERM");
            Await.until(() -> weir.admin("GET", "/readyz").statusCode() == 503, () -> "still ready");
            assertEquals(200, weir.admin("GET", "/healthz").statusCode());
            assertEquals(200, RawClient.get(weir.port(), "/in-the-delay").status());
            Await.until(() -> refuses(weir), () -> "still accepts");
            // Without the filter newcomers are refused before the queue is empty; "close" is said when it is.
            weir.awaitStderr("listeners are closed");
            Await.until(() -> weir.handle().isAlive(), () -> "ended with a request under way");
            latch.countDown();
            RawResponse response = slow.read();
            assertEquals(200, response.status());
            assertTrue(response.closes(), response::head);
            assertEquals(0, weir.awaitExit());
        }
    }

    private static boolean refuses(WeirProcess weir) throws InterruptedException {
        try (RawClient client = RawClient.connect(weir.port())) {
            return client.closedWithin(50);
        } catch (java.io.IOException refused) {
            return true;
        }
    }

    @Test
    void breaksOffWhatDoesNotEndInTimeAndSaysSo() throws Exception {
        try (ScriptedBackend backend = ScriptedBackend.start(connection -> {
                    String head = connection.readRequest();
                    if (head != null && head.startsWith("GET /tunnel ")) {
                        connection.send("HTTP/1.1 101 X\r\nConnection: upgrade\r\nUpgrade: websocket\r\n"
                                + "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n");
                    }
                    connection.readToEnd();
                });
                WeirProcess weir = WeirProcess.start(config(backend, "drain-timeout: 500ms"));
                RawClient never = RawClient.connect(weir.port());
                RawClient tunnel = RawClient.connect(weir.port())) {
            never.send(GET.formatted("/never"));
            tunnel.send("GET /tunnel HTTP/1.1\r\nHost: a.test\r\nConnection: upgrade\r\nUpgrade: websocket\r\n"
                    + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n");
            assertEquals(101, tunnel.read().status());
            Await.until(() -> backend.requests().size() == 2, () -> "requests did not arrive");
            weir.signal("TERM");
            assertEquals(0, weir.awaitExit());
            assertTrue(weir.stderrText().contains("1 exchanges and 1 tunnels"), weir::stderrText);
            for (String path : new String[] {"/never", "/tunnel"}) {
                JsonObject line = weir.awaitLog(path);
                assertEquals("shutdown", line.get("why").getAsString());
            }
        }
    }

    @Test
    void stopsAtOnceOnTheSecondSignal() throws Exception {
        try (ScriptedBackend backend = ScriptedBackend.start(connection -> connection.readToEnd());
                WeirProcess weir = WeirProcess.start(config(backend, "drain-timeout: 100s"));
                RawClient client = RawClient.connect(weir.port())) {
            client.send(GET.formatted("/never"));
            Await.until(() -> backend.received().contains("/never"), () -> "no request arrived");
            weir.signal("TERM");
            weir.awaitStderr("draining");
            assertTrue(weir.handle().isAlive());
            weir.signal("INT");
            assertEquals(130, weir.awaitExit());
        }
    }

    @Test
    void closesIdleConnectionsWhenItDrains() throws Exception {
        try (ScriptedBackend backend = ScriptedBackend.saying("ok");
                WeirProcess weir = WeirProcess.start(config(backend, "drain-timeout: 60s"));
                RawClient idle = RawClient.connect(weir.port());
                RawClient fresh = RawClient.connect(weir.port())) {
            assertEquals(200, idle.send(GET.formatted("/")).read().status());
            long begun = System.nanoTime();
            weir.signal("TERM");
            assertEquals(0, weir.awaitExit());
            long seconds = (System.nanoTime() - begun) / 1_000_000_000;
            assertTrue(seconds < 20, () -> "idle connections held the process for " + seconds + " s");
            assertEquals("", fresh.readToEnd());
        }
    }

    @Test
    void saysInOneLineThatAPortIsTaken() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            WeirLaunch launch =
                    new WeirLaunch("listeners: {web: {address: \"127.0.0.1:" + taken.getLocalPort() + "\"}}");
            try (WeirProcess weir = launch.startUnready()) {
                assertEquals(1, weir.awaitExit());
                List<String> errors = weir.stderrText()
                        .lines()
                        .filter(line -> !line.contains(" INFO "))
                        .toList();
                assertEquals(1, errors.size(), weir::stderrText);
                assertTrue(errors.get(0).contains("127.0.0.1:" + taken.getLocalPort()), errors::toString);
                assertTrue(errors.get(0).contains("already in use"), errors::toString);
            }
        }
    }

    @Test
    void refusesAPortThatAnotherWeirHas() throws Exception {
        try (WeirProcess first = WeirProcess.start("routes: [{path: /, respond: 200}]")) {
            WeirLaunch launch = new WeirLaunch("listeners: {web: {address: \"127.0.0.1:" + first.port() + "\"}}");
            try (WeirProcess second = launch.startUnready()) {
                assertEquals(1, second.awaitExit());
                assertTrue(second.stderrText().contains("already in use"), second::stderrText);
            }
        }
    }

    @Test
    void saysInOneLineThatAFileCannotBeRead() throws Exception {
        try (WeirProcess weir = new WeirLaunch("").startIn(Scratch.directory("weir-empty"))) {
            assertEquals(1, weir.awaitExit());
            assertEquals(1, weir.stderrText().lines().count(), weir::stderrText);
            assertTrue(weir.stderrText().contains("weir.yaml"), weir::stderrText);
        }
    }

    @Test
    void saysEverythingThatIsWrongWithAConfiguration() throws Exception {
        WeirLaunch launch = new WeirLaunch("routs: []\nservices: {app: {balance: fair}}\n");
        try (WeirProcess weir = launch.startUnready()) {
            assertEquals(2, weir.awaitExit());
            String said = weir.stderrText();
            assertTrue(said.contains("weir.yaml:3:1: "), said);
            assertTrue(said.contains("did you mean routes"), said);
            assertTrue(said.contains("fair"), said);
            assertTrue(said.contains("backends"), said);
        }
    }

    @Test
    void servesWithinASecondOfItsStart() throws Exception {
        try (ScriptedBackend backend = ScriptedBackend.saying("ok")) {
            long begun = System.nanoTime();
            try (WeirProcess weir = WeirProcess.start(config(backend, ""))) {
                assertEquals(200, RawClient.get(weir.port(), "/").status());
                long millis = (System.nanoTime() - begun) / 1_000_000;
                // A second on a machine that does nothing else; this one runs the suite.
                assertTrue(millis < 5_000, () -> "the first answer came after " + millis + " ms");
            }
        }
    }
}
