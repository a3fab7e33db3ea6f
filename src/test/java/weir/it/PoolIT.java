package weir.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import weir.testing.Await;
import weir.testing.RawClient;
import weir.testing.RawHead;
import weir.testing.ScriptedBackend;
import weir.testing.WeirProcess;
import weir.testing.WithWeir;

/** Connections to backends: which are used again, and which are closed. */
@WithWeir
@Timeout(60)
final class PoolIT {
    private static final String GET = "GET /%s HTTP/1.1\r\nHost: a.test\r\n\r\n";

    private final WeirProcess weir;

    PoolIT(WeirProcess weir) {
        this.weir = weir;
    }

    private void use(ScriptedBackend backend, String settings) throws IOException, InterruptedException {
        weir.use("""
                routes: [{path: /, service: app}]
                services: {app: {backends: [%s], retry: {attempts: 1}%s}}
                """.formatted(backend.address(), settings));
    }

    /** Answers each request with the number of its connection, those under /slow when the latch opens. */
    private static ScriptedBackend numbering(CountDownLatch latch) throws IOException {
        return ScriptedBackend.start(connection -> {
            for (String head = connection.readRequest(); head != null; head = connection.readRequest()) {
                if (RawHead.target(head).startsWith("/slow")) {
                    latch.await();
                }
                connection.send(ScriptedBackend.ok("connection " + connection.index()));
            }
        });
    }

    @Test
    void usesTheConnectionAgainThatWasUsedLast() throws Exception {
        CountDownLatch latch = new CountDownLatch(1);
        try (ScriptedBackend backend = numbering(latch);
                RawClient one = connect(backend)) {
            // Pipelining keeps both on one loop: the second request waits for the first on the same connection.
            assertEquals("connection 0", one.send(GET.formatted("a")).read().body());
            for (int i = 0; i < 10; i++) {
                assertEquals("connection 0", one.send(GET.formatted("b")).read().body());
            }
            List<RawClient> slow = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                slow.add(RawClient.connect(weir.port()).send(GET.formatted("slow" + i)));
            }
            Await.until(
                    () -> backend.requests().size() == 14,
                    () -> "requests: " + backend.requests().size());
            latch.countDown();
            for (RawClient client : slow) {
                client.read();
            }
            int connections = backend.connections().size();
            String last = one.send(GET.formatted("c")).read().body();
            for (int i = 0; i < 10; i++) {
                assertEquals(last, one.send(GET.formatted("d")).read().body());
            }
            assertEquals(connections, backend.connections().size());
            for (RawClient client : slow) {
                client.reset();
            }
        }
    }

    private RawClient connect(ScriptedBackend backend) throws IOException, InterruptedException {
        use(backend, "");
        return RawClient.connect(weir.port());
    }

    @Test
    void closesConnectionsThatAreIdleForTooLong() throws Exception {
        try (ScriptedBackend backend = ScriptedBackend.saying("ok")) {
            use(backend, ", connection-pool: {idle-timeout: 300ms}");
            assertEquals(200, RawClient.get(weir.port(), "/").status());
            assertTrue(!backend.connections().get(0).ended());
            Await.until(() -> backend.connections().get(0).ended(), () -> "still open");
        }
    }

    @Test
    void closesAConnectionAfterItsLastRequest() throws Exception {
        try (ScriptedBackend backend = ScriptedBackend.saying("ok")) {
            use(backend, ", connection-pool: {max-requests: 3}");
            try (RawClient client = RawClient.connect(weir.port())) {
                for (int i = 0; i < 7; i++) {
                    assertEquals(200, client.send(GET.formatted(i)).read().status());
                }
            }
            assertEquals(3, backend.connections().size());
            Await.until(() -> backend.open() == 1, () -> "open: " + backend.open());
        }
    }

    @Test
    void keepsNoIdleConnectionsWhereNoneAreAllowed() throws Exception {
        try (ScriptedBackend backend = ScriptedBackend.saying("ok")) {
            use(backend, ", connection-pool: {idle-per-loop: 0}");
            try (RawClient client = RawClient.connect(weir.port())) {
                for (int i = 0; i < 3; i++) {
                    assertEquals(200, client.send(GET.formatted(i)).read().status());
                }
            }
            assertEquals(3, backend.connections().size());
            Await.until(() -> backend.open() == 0, () -> "open: " + backend.open());
        }
    }

    @Test
    void dropsAConnectionAtOnceThatTheBackendCloses() throws Exception {
        try (ScriptedBackend backend = ScriptedBackend.start(connection -> {
                    connection.readRequest();
                    connection.send(ScriptedBackend.ok("once"));
                    Thread.sleep(50);
                });
                RawClient client = connect(backend)) {
            for (int i = 0; i < 5; i++) {
                assertEquals("once", client.send(GET.formatted(i)).read().body());
                Await.until(() -> backend.open() == 0, () -> "open: " + backend.open());
                Thread.sleep(50);
            }
            assertEquals(5, backend.connections().size());
        }
    }

    @Test
    void dropsAConnectionAtOnceThatSaysSomethingUnasked() throws Exception {
        try (ScriptedBackend backend = ScriptedBackend.start(connection -> {
                    connection.readRequest();
                    connection.send(ScriptedBackend.ok("asked"));
                    Thread.sleep(50);
                    connection.send(ScriptedBackend.ok("unasked"));
                    connection.readToEnd();
                });
                RawClient client = connect(backend)) {
            for (int i = 0; i < 3; i++) {
                assertEquals("asked", client.send(GET.formatted(i)).read().body());
                int index = i;
                Await.until(
                        () -> backend.connections().size() > index
                                && backend.connections().get(index).ended(),
                        () -> "a poisoned connection is kept");
            }
        }
    }

    @Test
    void closesTheConnectionWhereTheBackendSaysSo() throws Exception {
        try (ScriptedBackend backend = ScriptedBackend.answering(
                        "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok");
                RawClient client = connect(backend)) {
            for (int i = 0; i < 3; i++) {
                assertEquals("ok", client.send(GET.formatted(i)).read().body());
            }
            assertEquals(3, backend.connections().size());
        }
    }

    @Test
    void answers503WhenABackendHasAllTheRequestsItMayHave() throws Exception {
        CountDownLatch latch = new CountDownLatch(1);
        try (ScriptedBackend backend = numbering(latch)) {
            use(backend, ", limits: {requests-per-backend: 2}");
            overflow(backend, latch);
        }
    }

    @Test
    void answers503WhenABackendHasAllTheConnectionsItMayHave() throws Exception {
        CountDownLatch latch = new CountDownLatch(1);
        try (ScriptedBackend backend = numbering(latch)) {
            use(backend, ", limits: {connections-per-backend: 2}");
            overflow(backend, latch);
        }
    }

    private void overflow(ScriptedBackend backend, CountDownLatch latch) throws IOException, InterruptedException {
        try (RawClient one = RawClient.connect(weir.port());
                RawClient two = RawClient.connect(weir.port())) {
            one.send(GET.formatted("slow1"));
            two.send(GET.formatted("slow2"));
            Await.until(() -> backend.requests().size() == 2, () -> "requests did not arrive");
            int lines = weir.stdoutLines().size();
            assertEquals(503, RawClient.get(weir.port(), "/third").status());
            weir.awaitLogAfter(lines, line -> line.get("why").getAsString().equals("overflow"));
            latch.countDown();
            assertEquals(200, one.read().status());
            assertEquals(200, two.read().status());
            assertEquals(2, backend.requests().size());
        }
        Await.until(() -> RawClient.get(weir.port(), "/after").status() == 200, () -> "the slots were not given back");
    }

    @Test
    void goesToAnotherBackendWhenOneIsFull() throws Exception {
        CountDownLatch latch = new CountDownLatch(1);
        try (ScriptedBackend full = numbering(latch);
                ScriptedBackend free = ScriptedBackend.saying("free")) {
            use(full, ", limits: {requests-per-backend: 1}");
            try (RawClient slow = RawClient.connect(weir.port())) {
                slow.send(GET.formatted("slow"));
                Await.until(() -> full.requests().size() == 1, () -> "no request arrived");
                weir.use("""
                        routes: [{path: /, service: app}]
                        services: {app: {backends: [%s, %s], limits: {requests-per-backend: 1}}}
                        """.formatted(full.address(), free.address()));
                for (int i = 0; i < 6; i++) {
                    assertEquals("free", RawClient.get(weir.port(), "/").body());
                }
                latch.countDown();
                assertEquals(200, slow.read().status());
            }
        }
    }
}
