package weir.admin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import weir.config.Address;
import weir.config.AdminConfig;

/** The admin API on a socket: framing, limits, life and death of connections. */
final class AdminServerIT {
    private final AdminFixture admin = new AdminFixture();
    private AdminServer server;

    @BeforeEach
    void start() throws IOException {
        server = admin.start(null);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void keepsConnectionsAliveAndAnswersPipelinedRequestsInOrder() throws IOException {
        try (RawClient client = new RawClient(server.address())) {
            client.send(get("/healthz") + get("/nothing") + get("/metrics"));
            for (String expected : List.of("ok\n", "no such path", "weir_up 1\n")) {
                String head = client.head();
                assertFalse(head.contains("connection: close"), head);
                assertTrue(client.body(head).contains(expected));
            }
            client.send(get("/healthz"));
            assertTrue(client.head().startsWith("http/1.1 200 ok\r\n"));
        }
    }

    @Test
    void headIsTheHeadOfGet() throws IOException {
        try (RawClient client = new RawClient(server.address())) {
            String get = client.send(get("/api/services")).head();
            client.body(get);
            String head = client.send("HEAD /api/services HTTP/1.1\r\nhost: localhost\r\n\r\n")
                    .head();
            assertEquals(get.replaceAll("date: .*?\r\n", ""), head.replaceAll("date: .*?\r\n", ""));
            assertTrue(client.send(get("/healthz")).head().startsWith("http/1.1 200"));
        }
    }

    @Test
    void changesGoThroughTheControlThreadAndBack() throws IOException {
        AtomicReference<String> thread = new AtomicReference<>("");
        ExecutorService control = Executors.newSingleThreadExecutor(task -> new Thread(task, "control-of-the-test"));
        admin.control = task -> control.execute(() -> {
            thread.set(Thread.currentThread().getName());
            task.run();
        });
        try (RawClient client = new RawClient(server.address())) {
            String request = "PUT /api/services/hello/backends/%5B::1%5D:9002/weight HTTP/1.1\r\nhost: localhost\r\n";
            for (String sent : List.of(
                    request + "content-length: 2\r\n\r\n12",
                    request + "transfer-encoding: chunked\r\n\r\n1\r\n1\r\n1\r\n2\r\n0\r\n\r\n")) {
                String head = client.send(sent).head();
                assertTrue(head.startsWith("http/1.1 200"), head);
                assertTrue(client.body(head).contains("\"weight\": 12"));
            }
            assertEquals("control-of-the-test", thread.get());
            assertEquals(List.of("weight 12 hello [::1]:9002", "weight 12 hello [::1]:9002"), admin.services.calls);
        } finally {
            control.shutdownNow();
        }
    }

    @Test
    void readsAreAnsweredOnTheThreadOfTheAdminApi() throws IOException {
        admin.readiness = null;
        AtomicReference<String> thread = new AtomicReference<>("");
        AdminViews views = admin.views();
        AdminViews watched = new AdminViews(
                views.services(),
                views.configuration(),
                views.routes(),
                views.explainer(),
                () -> {
                    thread.set(Thread.currentThread().getName());
                    return Readiness.READY;
                },
                views.metrics(),
                views.loops());
        try (AdminServer other = AdminServer.start(
                        new AdminConfig(new Address("127.0.0.1", 0), null, false),
                        watched,
                        admin.controls(),
                        admin.guard());
                RawClient client = new RawClient(other.address())) {
            assertTrue(client.send(get("/readyz")).head().startsWith("http/1.1 200"));
            assertTrue(thread.get().startsWith("weir-admin"), thread.get());
        }
    }

    @ParameterizedTest
    @CsvSource({
        "evil.example, 403",
        "evil.example:9900, 403",
        "127.0.0.1:9900, 200",
        "LOCALHOST:1, 200",
        "[::1]:9900, 200",
        "localhost., 200",
        "127.0.0.1.evil.example, 403",
    })
    void hostIsCheckedAsTheClientSentIt(String host, int status) throws IOException {
        try (RawClient client = new RawClient(server.address())) {
            String head = client.send("GET /api/config HTTP/1.1\r\nhost: " + host + "\r\n\r\n")
                    .head();
            assertTrue(head.startsWith("http/1.1 " + status), head);
        }
    }

    @Test
    void hostOfAnAbsoluteTargetIsTheOneThatCounts() throws IOException {
        try (RawClient client = new RawClient(server.address())) {
            String head = client.send("GET http://evil.example/api/config HTTP/1.1\r\nhost: evil.example\r\n\r\n")
                    .head();
            assertTrue(head.startsWith("http/1.1 403"), head);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET / HTTP/1.1\\r\\n\\r\\n",
                "GET / HTTP/1.1\\r\\nhost: a\\r\\nhost: b\\r\\n\\r\\n",
                "GET / HTTP/1.1\\nhost: a\\n\\n",
                "GET /../x HTTP/1.1\\r\\nhost: localhost\\r\\n\\r\\n",
                "GET /%00 HTTP/1.1\\r\\nhost: localhost\\r\\n\\r\\n",
                "GET /#x HTTP/1.1\\r\\nhost: localhost\\r\\n\\r\\n",
                "GET / HTTP/1.1\\r\\nhost: localhost\\r\\n folded\\r\\n\\r\\n",
                "GET / HTTP/9.1\\r\\nhost: localhost\\r\\n\\r\\n",
                "POST /api/reload HTTP/1.1\\r\\nhost: localhost\\r\\ncontent-length: +0\\r\\n\\r\\n",
                "POST /api/reload HTTP/1.1\\r\\nhost: localhost\\r\\ncontent-length: 1\\r\\ntransfer-encoding: chunked\\r\\n\\r\\n",
                "POST /api/reload HTTP/1.1\\r\\nhost: localhost\\r\\ntransfer-encoding: chunked\\r\\n\\r\\nzz\\r\\n",
            })
    void whatIsNoHttpIsRefusedAndTheConnectionClosed(String escaped) throws IOException {
        try (RawClient client = new RawClient(server.address())) {
            client.send(escaped.replace("\\r", "\r").replace("\\n", "\n"));
            String answer = client.rest();
            assertTrue(answer.matches("(?s)HTTP/1.1 (400|505) .*connection: close.*"), answer);
            assertEquals(0, admin.reloads);
        }
    }

    @Test
    void limitsAreStrict() throws IOException {
        assertStatus(414, "GET /" + "a".repeat(9000) + " HTTP/1.1\r\nhost: localhost\r\n\r\n");
        assertStatus(431, "GET / HTTP/1.1\r\nhost: localhost\r\na: " + "b".repeat(17_000) + "\r\n\r\n");
        assertStatus(431, "GET / HTTP/1.1\r\nhost: localhost\r\n" + "a: b\r\n".repeat(70) + "\r\n");
        String put = "PUT /api/log-level HTTP/1.1\r\nhost: localhost\r\n";
        assertStatus(413, put + "content-length: 4097\r\n\r\n" + "a".repeat(4097));
        assertStatus(413, put + "content-length: 99999999999\r\n\r\n");
        assertStatus(
                413,
                put + "transfer-encoding: chunked\r\n\r\n" + "800\r\n" + "a".repeat(2048) + "\r\n800\r\n"
                        + "a".repeat(2048) + "\r\n1\r\na\r\n0\r\n\r\n");
    }

    @Test
    void answersAClientThatWaitsForAHundred() throws IOException {
        try (RawClient client = new RawClient(server.address())) {
            client.send(
                    "PUT /api/log-level HTTP/1.1\r\nhost: localhost\r\ncontent-length: 4\r\nexpect: 100-continue\r\n\r\n");
            assertTrue(client.head().startsWith("http/1.1 100"));
            assertTrue(client.send("info").head().startsWith("http/1.1 200"));
        }
    }

    @Test
    void refusesMoreConnectionsThanItCanServe() throws IOException {
        List<RawClient> clients = new ArrayList<>();
        try {
            for (int i = 0; i < 64; i++) {
                clients.add(new RawClient(server.address()));
                assertTrue(clients.get(i).send(get("/healthz")).head().startsWith("http/1.1 200"));
            }
            try (RawClient late = new RawClient(server.address())) {
                assertFalse(late.rest().contains("HTTP/1.1"));
            }
        } finally {
            for (RawClient client : clients) {
                client.close();
            }
        }
    }

    @Test
    void addressInUseIsOneClearLine() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            AdminConfig config = new AdminConfig(new Address("127.0.0.1", taken.getLocalPort()), null, false);
            String message = assertThrows(
                            IOException.class,
                            () -> AdminServer.start(config, admin.views(), admin.controls(), admin.guard()))
                    .getMessage();
            assertEquals("admin.address 127.0.0.1:" + taken.getLocalPort() + ": address already in use", message);
        }
    }

    @Test
    void aTokenFileThatIsNotThereIsFoundOutAtTheStart() {
        String message = assertThrows(IOException.class, () -> admin.start(Path.of("no-such-token")))
                .getMessage();
        assertEquals("admin.token-file no-such-token: no such file", message);
    }

    @Test
    void closingEndsEveryConnection() throws IOException {
        try (RawClient client = new RawClient(server.address())) {
            client.body(client.send(get("/healthz")).head());
            server.close();
            client.rest();
            assertThrows(IOException.class, () -> new RawClient(server.address()));
        }
    }

    private void assertStatus(int status, String request) throws IOException {
        try (RawClient client = new RawClient(server.address())) {
            String head = client.send(request).head();
            assertTrue(head.startsWith("http/1.1 " + status), status + ": " + head);
            assertTrue(head.contains("connection: close"), head);
        }
    }

    private static String get(String path) {
        return "GET " + path + " HTTP/1.1\r\nhost: localhost\r\n\r\n";
    }
}
