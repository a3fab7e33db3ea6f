package weir.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.netty.channel.uring.IoUring;
import java.net.Socket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import weir.testing.Http3Client;
import weir.testing.Http3Site;
import weir.testing.RawClient;
import weir.testing.RequiresTool;
import weir.testing.ScriptedBackend;
import weir.testing.TlsClient;
import weir.testing.WeirLaunch;
import weir.testing.WeirProcess;

/** What a busy or a stopped process finds in the kernel is read before its deadline can expire. */
@Timeout(120)
final class BurstIT {
    private static final String GET = "GET /x HTTP/1.1\r\nHost: a.test\r\n\r\n";
    private static final int CLIENTS = 1_500;
    private static final int PAUSE_MILLIS = 2_500;

    @TempDir
    private Path files;

    private static WeirProcess start(String transport, String yaml) throws Exception {
        assumeTrue(!transport.equals("io_uring") || IoUring.isAvailable(), "missing on this machine: io_uring");
        return new WeirLaunch(yaml)
                .threads(1)
                .withoutTraces()
                .flags("-Dweir.transport=" + transport)
                .start();
    }

    private static void pause(WeirProcess weir, Action meanwhile) throws Exception {
        weir.signal("STOP");
        meanwhile.run();
        Thread.sleep(PAUSE_MILLIS);
        weir.signal("CONT");
    }

    private interface Action {
        void run() throws Exception;
    }

    @ParameterizedTest
    @ValueSource(strings = {"io_uring", "epoll", "nio"})
    void readsEveryRequestOfABurst(String transport) throws Exception {
        try (WeirProcess weir = start(transport, """
                routes: [{path: /, respond: {status: 204}}]
                limits: {header-timeout: 1s}
                """)) {
            List<Socket> clients = new ArrayList<>();
            try {
                weir.signal("STOP"); // so that they come at once
                for (int i = 0; i < CLIENTS; i++) {
                    Socket client = new Socket("127.0.0.1", weir.port());
                    clients.add(client);
                    client.getOutputStream().write(GET.getBytes());
                }
                weir.signal("CONT");
                int answered = 0;
                for (Socket client : clients) {
                    client.setSoTimeout((int) WeirProcess.PATIENCE.toMillis());
                    answered += client.getInputStream().read() == 'H' ? 1 : 0;
                }
                assertEquals(CLIENTS, answered);
                assertTrue(!weir.stderrText().contains("overflow"), weir::stderrText);
            } finally {
                for (Socket client : clients) {
                    client.close();
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"io_uring", "epoll", "nio"})
    void answersWhatCameWhileTheProcessWasStopped(String transport) throws Exception {
        try (ScriptedBackend backend = ScriptedBackend.saying("ok");
                WeirProcess weir = start(transport, """
                        routes: [{path: /, service: app}]
                        services: {app: {backends: [%s]}}
                        limits: {header-timeout: 1s, idle-timeout: 1s, body-timeout: 1s}
                        """.formatted(backend.address()))) {
            List<RawClient> clients = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                clients.add(RawClient.connect(weir.port()));
            }
            clients.get(0).send(GET.substring(0, 10));
            clients.get(1).send("POST /x HTTP/1.1\r\nHost: a.test\r\nContent-Length: 2\r\n\r\n1");
            assertEquals(200, clients.get(2).send(GET).read().status());
            pause(weir, () -> {
                for (int i = 3; i < 20; i++) {
                    clients.add(RawClient.connect(weir.port()).send(GET));
                    clients.get(i).send(GET);
                }
                clients.get(2).send(GET);
            });
            clients.get(0).send(GET.substring(10)); // theirs did not come in time, but no time passed for them
            clients.get(1).send("2");
            for (RawClient client : clients) {
                assertEquals(200, client.read().status());
                client.close();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"io_uring", "epoll", "nio"})
    void closesClientsThatAreSilentAllTheSame(String transport) throws Exception {
        try (WeirProcess weir = start(transport, """
                routes: [{path: /, respond: {status: 204}}]
                limits: {header-timeout: 1s}
                """);
                RawClient silent = RawClient.connect(weir.port());
                RawClient half = RawClient.connect(weir.port()).send("GET /x")) {
            pause(weir, () -> {});
            long resumed = System.nanoTime();
            assertEquals(408, half.read().status());
            assertEquals("", silent.readToEnd());
            long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - resumed);
            assertTrue(millis < 5_000, () -> millis + " ms");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"io_uring", "epoll", "nio"})
    @RequiresTool("openssl")
    void handshakesGoOnAfterAPause(String transport) throws Exception {
        Http3Site site = new Http3Site(files);
        try (ScriptedBackend backend = ScriptedBackend.saying("ok");
                WeirProcess weir = start(transport, site.yaml(backend, "limits: {header-timeout: 1s}"));
                Http3Client before = site.connect(weir);
                Socket waits = new Socket("127.0.0.1", weir.port())) {
            CompletableFuture<Integer> http3 = new CompletableFuture<>();
            CompletableFuture<Integer> tls = new CompletableFuture<>();
            pause(weir, () -> {
                http3.completeAsync(() -> status(() -> {
                    try (Http3Client client = site.connect(weir)) {
                        return client.get("a.test", "/alive").status();
                    }
                }));
                tls.completeAsync(() -> status(() -> {
                    try (SSLSocket client = new TlsClient(site.authority()).connect(weir.port(), "a.test")) {
                        return RawClient.over(client, 0).send(GET).read().status();
                    }
                }));
            });
            assertEquals(204, before.get("a.test", "/alive").status());
            assertEquals(204, http3.get(20, TimeUnit.SECONDS));
            assertEquals(200, tls.get(20, TimeUnit.SECONDS));
            assertEquals(-1, waits.getInputStream().read(), "who says nothing");
        }
    }

    private interface Request {
        int status() throws Exception;
    }

    private static int status(Request request) {
        try {
            return request.status();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}
