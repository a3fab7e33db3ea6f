package weir.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.io.OutputStream;
import java.net.SocketException;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import weir.testing.Await;
import weir.testing.BackendSocket;
import weir.testing.FreePort;
import weir.testing.RawClient;
import weir.testing.ScriptedBackend;
import weir.testing.WeirLaunch;
import weir.testing.WeirProcess;
import weir.testing.WithWeir;

/** TCP listeners: sessions, how they end, how they are balanced, and what is said of them. */
@WithWeir
@Timeout(120)
final class TcpIT {
    private final WeirProcess weir;
    private final int port = FreePort.take();

    TcpIT(WeirProcess weir) throws IOException {
        this.weir = weir;
    }

    private String config(String backends, String more) {
        return """
                listeners: {rpc: {address: "127.0.0.1:%d", protocol: tcp, service: app}}
                services: {app: {backends: [%s]%s}}
                """.formatted(port, backends, more);
    }

    private void use(ScriptedBackend backend, String more) throws IOException, InterruptedException {
        weir.use(config(backend.address(), more));
    }

    private RawClient connect() throws IOException {
        return RawClient.connect(port);
    }

    private static void echo(BackendSocket connection) throws IOException {
        byte[] buffer = new byte[64 * 1024];
        for (int n = connection.input().read(buffer);
                n >= 0;
                n = connection.input().read(buffer)) {
            connection.output().write(buffer, 0, n);
            connection.output().flush();
        }
        connection.shutdownOutput();
    }

    @Test
    void passesBytesOnAndLogsTheSession() throws Exception {
        try (ScriptedBackend backend = ScriptedBackend.start(TcpIT::echo)) {
            use(backend, "");
            try (RawClient client = connect()) {
                client.send("hello");
                assertEquals("hello", client.readExactly(5));
                client.send("again");
                assertEquals("again", client.readExactly(5));
                client.shutdownOutput();
                assertEquals("", client.readToEnd());
                JsonObject line = weir.awaitLog(client);
                assertEquals("", line.get("why").getAsString());
                assertEquals("rpc", line.get("listener").getAsString());
                assertEquals("app", line.get("service").getAsString());
                assertEquals("127.0.0.1", line.get("client").getAsString());
                assertEquals(backend.address(), line.get("backend").getAsString());
                assertEquals(10, line.get("bytes_in").getAsInt());
                assertEquals(10, line.get("bytes_out").getAsInt());
                assertEquals(
                        "ok",
                        line.getAsJsonArray("attempts")
                                .get(0)
                                .getAsJsonObject()
                                .get("outcome")
                                .getAsString());
                double duration = line.get("duration").getAsDouble();
                assertTrue(duration > 0 && duration >= line.get("transfer").getAsDouble(), line::toString);
                assertFalse(line.has("method"), line::toString);
            }
        }
    }

    /** On io_uring a reset may come while the bytes before it are being read: each of many must be heard of. */
    @Test
    void hearsOfAResetOfTheBackendThatFollowsItsBytesAtOnce() throws Exception {
        try (ScriptedBackend backend = ScriptedBackend.start(connection -> {
            connection.send("220 ready");
            connection.reset();
        })) {
            use(backend, ", ejection: {consecutive-errors: 0}");
            for (int i = 0; i < 10; i++) {
                List<RawClient> clients = new ArrayList<>();
                for (int j = 0; j < 15; j++) {
                    clients.add(connect());
                }
                for (RawClient client : clients) {
                    client.readToEnd();
                    client.close();
                }
            }
        }
    }

    @Test
    void connectsBeforeTheClientSaysAnything() throws Exception {
        try (ScriptedBackend backend = ScriptedBackend.start(connection -> connection.send("220 ready"))) {
            use(backend, "");
            try (RawClient client = connect()) {
                assertEquals("220 ready", client.readToEnd());
            }
        }
    }

    @RepeatedTest(10)
    void passesMegabytesBothWaysUnchanged() throws Exception {
        byte[] sent = new byte[16 * 1024 * 1024];
        new Random(1).nextBytes(sent);
        try (ScriptedBackend backend = ScriptedBackend.start(TcpIT::echo)) {
            use(backend, "");
            try (RawClient client = connect()) {
                CompletableFuture<Void> writer = CompletableFuture.runAsync(() -> write(client, sent));
                byte[] received = client.input().readAllBytes();
                writer.join();
                assertTrue(Arrays.equals(sent, received), () -> received.length + " bytes came back");
                assertEquals(sent.length, weir.awaitLog(client).get("bytes_out").getAsInt());
            }
        }
    }

    private static void write(RawClient client, byte[] bytes) {
        try {
            client.send(bytes);
            client.shutdownOutput();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void passesTheClientsEndOnAndStillTheAnswer() throws Exception {
        try (ScriptedBackend backend = ScriptedBackend.start(connection -> {
            connection.readToEnd();
            Thread.sleep(100);
            connection.send("got " + connection.received());
        })) {
            use(backend, "");
            try (RawClient client = connect()) {
                client.send("question");
                client.shutdownOutput();
                assertEquals("got question", client.readToEnd());
                assertEquals("", weir.awaitLog(client).get("why").getAsString());
            }
        }
    }

    @Test
    void passesTheBackendsEndOnAndStillTheRest() throws Exception {
        try (ScriptedBackend backend = ScriptedBackend.start(connection -> {
            connection.send("bye");
            connection.shutdownOutput();
            connection.readToEnd();
        })) {
            use(backend, "");
            try (RawClient client = connect()) {
                assertEquals("bye", client.readToEnd());
                client.send("late words");
                client.shutdownOutput();
                assertEquals("", weir.awaitLog(client).get("why").getAsString());
                assertEquals("late words", backend.received());
            }
        }
    }

    @Test
    void passesAResetOfTheClientOn() throws Exception {
        CompletableFuture<String> end = new CompletableFuture<>();
        try (ScriptedBackend backend = ScriptedBackend.start(connection -> {
            try {
                connection.readToEnd();
                end.complete("proper");
            } catch (SocketException reset) {
                end.complete("reset");
            }
        })) {
            use(backend, "");
            RawClient client = connect();
            client.send("words");
            Await.until(() -> backend.received().equals("words"), backend::received);
            client.reset();
            assertEquals("reset", end.get());
            assertEquals("client-gone", weir.awaitLog(client).get("why").getAsString());
            assertEquals(0, weir.backend("app", backend.port()).get("errors").getAsInt());
        }
    }

    @Test
    void passesAResetOfTheBackendOnBehindItsLastWords() throws Exception {
        try (ScriptedBackend backend = ScriptedBackend.start(connection -> {
            connection.send("last words");
            Thread.sleep(200);
            connection.reset();
        })) {
            use(backend, "");
            try (RawClient client = connect()) {
                assertEquals("last words", client.readExactly(10));
                assertThrows(SocketException.class, () -> client.input().read());
                assertEquals("backend-reset", weir.awaitLog(client).get("why").getAsString());
            }
            assertEquals(1, weir.backend("app", backend.port()).get("errors").getAsInt());
        }
    }

    @Test
    void triesAnotherBackendWhenOneRefuses() throws Exception {
        int nobody = FreePort.take();
        try (ScriptedBackend backend = ScriptedBackend.start(TcpIT::echo)) {
            weir.use(config("\"127.0.0.1:" + nobody + "\", " + backend.address(), ""));
            for (int i = 0; i < 6; i++) {
                try (RawClient client = connect()) {
                    client.send("hello");
                    assertEquals("hello", client.readExactly(5));
                }
            }
            weir.awaitLog(line -> line.getAsJsonArray("attempts").size() == 2
                    && line.getAsJsonArray("attempts").get(0).toString().contains("connect-failed"));
        }
    }

    @Test
    void ejectsABackendAfterConnectFailures() throws Exception {
        int nobody = FreePort.take();
        try (ScriptedBackend backend = ScriptedBackend.start(TcpIT::echo)) {
            weir.use(config("\"127.0.0.1:" + nobody + "\", " + backend.address(), ""));
            Await.until(
                    () -> {
                        try (RawClient client = connect()) {
                            client.send("hello");
                            assertEquals("hello", client.readExactly(5));
                        }
                        return weir.backend("app", nobody)
                                .get("state")
                                .getAsString()
                                .equals("ejected");
                    },
                    () -> "never ejected");
        }
    }

    @Test
    void closesWhenNoBackendTakesIt() throws Exception {
        weir.use(config("\"127.0.0.1:" + FreePort.take() + "\"", ""));
        try (RawClient client = connect()) {
            assertEquals("", client.readToEnd());
            assertEquals("connect-failed", weir.awaitLog(client).get("why").getAsString());
        }
    }

    @Test
    void countsConnectionsForLeastConnectionsAndLimits() throws Exception {
        try (ScriptedBackend one = ScriptedBackend.start(TcpIT::echo);
                ScriptedBackend two = ScriptedBackend.start(TcpIT::echo)) {
            weir.use(config(
                    one.address() + ", " + two.address(),
                    ", balance: least-connections, limits: {connections-per-backend: 2}"));
            RawClient[] clients = new RawClient[4];
            for (int i = 0; i < clients.length; i++) {
                clients[i] = connect();
                clients[i].send("x");
                assertEquals("x", clients[i].readExactly(1));
                assertEquals((i + 2) / 2, Math.max(one.open(), two.open()));
            }
            assertEquals(2, one.open());
            assertEquals(2, weir.backend("app", one.port()).get("in-flight").getAsInt());
            try (RawClient more = connect()) {
                assertEquals("", more.readToEnd());
                assertEquals("overflow", weir.awaitLog(more).get("why").getAsString());
            }
            for (RawClient client : clients) {
                client.close();
            }
            Await.until(
                    () -> weir.backend("app", one.port()).get("in-flight").getAsInt() == 0, () -> "still in flight");
        }
    }

    @Test
    void holdsASenderBackWhoseReaderIsSlow() throws Exception {
        AtomicLong sent = new AtomicLong();
        CountDownLatch read = new CountDownLatch(1);
        try (ScriptedBackend backend = ScriptedBackend.start(connection -> {
            byte[] chunk = new byte[64 * 1024];
            OutputStream out = connection.output();
            for (int i = 0; i < 2048; i++) {
                out.write(chunk);
                sent.addAndGet(chunk.length);
            }
            read.await();
        })) {
            use(backend, "");
            try (RawClient client = connect()) {
                assertEquals(1024, client.input().readNBytes(1024).length);
                long[] before = {-1};
                Await.until(
                        () -> {
                            boolean stands = sent.get() == before[0];
                            before[0] = sent.get();
                            Thread.sleep(300);
                            return stands;
                        },
                        () -> "the backend was never held back");
                // What the kernel's buffers on both sides hold, and not the 128 MiB.
                assertTrue(sent.get() < 48L * 1024 * 1024, () -> sent + " bytes were taken");
                assertTrue(metric("weir_direct_memory_bytes") < 64L * 1024 * 1024, "much is held");
                assertEquals(2048 * 64 * 1024 - 1024, client.input().readNBytes(2048 * 64 * 1024 - 1024).length);
                read.countDown();
            }
        }
    }

    private double metric(String name) throws IOException, InterruptedException {
        HttpResponse<String> text = weir.admin("GET", "/metrics");
        return text.body()
                .lines()
                .filter(line -> line.startsWith(name))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }

    @Test
    void endsSessionsThatAreSilentForTooLong() throws Exception {
        try (ScriptedBackend backend = ScriptedBackend.start(TcpIT::echo)) {
            use(backend, ", timeouts: {tunnel-idle: 300ms}");
            try (RawClient client = connect()) {
                client.send("x");
                assertEquals("x", client.readExactly(1));
                assertTrue(client.closedWithin(10_000));
                assertEquals("tunnel-idle", weir.awaitLog(client).get("why").getAsString());
            }
            Await.until(() -> backend.open() == 0, () -> "the backend's connection was left open");
        }
    }

    @Test
    void countsSessions() throws Exception {
        try (ScriptedBackend backend = ScriptedBackend.start(TcpIT::echo)) {
            use(backend, "");
            String series = "weir_tcp_sessions_total{listener=\"rpc\",service=\"app\",why=\"\"}";
            double before = metric(series);
            try (RawClient client = connect()) {
                client.send("x");
                assertEquals("x", client.readExactly(1));
                assertTrue(metric("weir_tunnels_open") >= 1);
                client.shutdownOutput();
                assertEquals("", client.readToEnd());
                weir.awaitLog(client);
            }
            assertEquals(before + 1, metric(series));
            Await.until(() -> metric("weir_tunnels_open") == 0, () -> "tunnels are left");
            Await.until(() -> metric("weir_requests_in_flight") == 0, () -> "requests are left");
        }
    }

    @Test
    void keepsSessionsThroughReloads() throws Exception {
        try (ScriptedBackend old = ScriptedBackend.start(TcpIT::echo);
                ScriptedBackend other = ScriptedBackend.start(connection -> connection.send("other"))) {
            use(old, "");
            try (RawClient client = connect()) {
                client.send("before");
                assertEquals("before", client.readExactly(6));
                use(other, "");
                try (RawClient next = connect()) {
                    assertEquals("other", next.readToEnd());
                }
                weir.use("routes: []"); // not even the listener is left
                client.send("after");
                assertEquals("after", client.readExactly(5));
            }
        }
    }

    @Test
    void limitsConnectionsOfOneAddress() throws Exception {
        try (ScriptedBackend backend = ScriptedBackend.start(TcpIT::echo)) {
            weir.use(config(backend.address(), "") + "limits: {connections-per-address: 1}");
            try (RawClient first = connect()) {
                first.send("x");
                assertEquals("x", first.readExactly(1));
                try (RawClient second = connect()) {
                    assertEquals("", second.readToEnd());
                }
            }
        }
    }

    @Test
    void checksBackendsByConnecting() throws Exception {
        int nobody = FreePort.take();
        try (ScriptedBackend backend = ScriptedBackend.start(TcpIT::echo)) {
            weir.use(config(
                    "\"127.0.0.1:" + nobody + "\", " + backend.address(),
                    ", health-check: {type: tcp, interval: 100ms}"));
            weir.awaitState("app", nobody, "unhealthy");
            for (int i = 0; i < 3; i++) {
                try (RawClient client = connect()) {
                    client.send("hello");
                    assertEquals("hello", client.readExactly(5));
                    client.shutdownOutput();
                    assertEquals(
                            1, weir.awaitLog(client).getAsJsonArray("attempts").size());
                }
            }
        }
    }

    @Test
    void drainsSessionsAndTakesNoNewOnes() throws Exception {
        try (ScriptedBackend backend = ScriptedBackend.start(TcpIT::echo);
                WeirProcess own = new WeirLaunch(config(backend.address(), "")).start();
                RawClient client = connect()) {
            client.send("x");
            assertEquals("x", client.readExactly(1));
            own.signal("TERM");
            own.awaitStderr("draining");
            Await.until(
                    () -> {
                        try {
                            connect().close();
                            return false;
                        } catch (IOException refused) {
                            return true;
                        }
                    },
                    () -> "new sessions are accepted");
            client.send("still here");
            assertEquals("still here", client.readExactly(10));
            client.shutdownOutput();
            assertEquals("", client.readToEnd());
            assertEquals(0, own.awaitExit());
            assertFalse(own.stderrText().contains("broken off"), own::stderrText);
        }
    }

    @Test
    void breaksSessionsOffThatOutlastTheDrain() throws Exception {
        try (ScriptedBackend backend = ScriptedBackend.start(TcpIT::echo);
                WeirProcess own =
                        new WeirLaunch(config(backend.address(), "") + "shutdown: {drain-timeout: 300ms}").start();
                RawClient client = connect()) {
            client.send("x");
            assertEquals("x", client.readExactly(1));
            own.signal("TERM");
            assertEquals("", client.readToEnd());
            assertEquals(0, own.awaitExit());
            assertEquals("shutdown", own.accessLog().get(0).get("why").getAsString());
        }
    }
}
