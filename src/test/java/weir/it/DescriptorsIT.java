package weir.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.netty.channel.uring.IoUring;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import weir.testing.RawClient;
import weir.testing.ScriptedBackend;
import weir.testing.WeirLaunch;
import weir.testing.WeirProcess;

/** More clients than the process may have file descriptors. */
@Timeout(60)
final class DescriptorsIT {
    /** A Weir without connections has some forty. */
    private static final int MOST = 120;

    @ParameterizedTest
    @ValueSource(strings = {"nio", "epoll", "io_uring"})
    void idleConnectionsMakeWayForNewcomers(String transport) throws Exception {
        assumeTrue(!transport.equals("io_uring") || IoUring.isAvailable(), "this kernel forbids io_uring");
        try (ScriptedBackend backend = ScriptedBackend.saying("ok");
                WeirProcess weir = new WeirLaunch("""
                        routes: [{path: /, service: app}]
                        services: {app: {backends: [%s]}}
                        """.formatted(backend.address()))
                        .threads(1)
                        .descriptors(MOST)
                        .flags("-Dweir.transport=" + transport)
                        .start()) {
            assertEquals(200, RawClient.get(weir.port(), "/before").status());
            List<RawClient> clients = new ArrayList<>();
            for (int i = 0; i < 2 * MOST; i++) {
                clients.add(RawClient.connect(weir.port())); // the kernel takes them in
            }
            weir.awaitStderr("file descriptors are in use");
            // Idle ones make way for those that came later, so that the last are served while all are still open.
            RawClient last = clients.get(clients.size() - 1);
            last.send("GET /last HTTP/1.1\r\nHost: a.test\r\n\r\n");
            assertEquals(200, last.read().status());
            assertEquals(200, RawClient.get(weir.port(), "/meanwhile").status());
            assertEquals("", clients.get(0).readToEnd(), "the oldest");
            for (RawClient client : clients) {
                client.close();
            }
            assertEquals(200, RawClient.get(weir.port(), "/after").status());
            assertEquals(
                    "available",
                    weir.backend("app", backend.port()).get("state").getAsString());
            long said = weir.stderrText()
                    .lines()
                    .filter(line -> line.contains("file descriptors are in use") || line.contains("accepting failed"))
                    .count();
            assertTrue(said <= 60, () -> said + " lines");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"nio", "epoll", "io_uring"})
    void noRequestFailsWhileIdleConnectionsTakeWhatThereIs(String transport) throws Exception {
        assumeTrue(!transport.equals("io_uring") || IoUring.isAvailable(), "this kernel forbids io_uring");
        List<RawClient> idle = new ArrayList<>();
        try (ScriptedBackend backend = ScriptedBackend.saying("ok");
                WeirProcess weir = new WeirLaunch("""
                        routes: [{path: /, service: app}]
                        services: {app: {backends: [%s]}}
                        """.formatted(backend.address()))
                        .threads(2)
                        .descriptors(2 * MOST)
                        .flags("-Dweir.transport=" + transport)
                        .start()) {
            for (int i = 0; i < 40; i++) {
                for (int j = 0; j < 10; j++) {
                    idle.add(RawClient.connect(weir.port()));
                }
                assertEquals(200, RawClient.get(weir.port(), "/good").status());
            }
            assertEquals(
                    "available",
                    weir.backend("app", backend.port()).get("state").getAsString());
            assertTrue(weir.accessLog().stream()
                    .allMatch(line -> line.get("why").getAsString().isEmpty()));
        } finally {
            for (RawClient client : idle) {
                client.close();
            }
        }
    }
}
