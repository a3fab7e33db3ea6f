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
    /** A Weir without connections has about twenty. */
    private static final int MOST = 60;

    @ParameterizedTest
    @ValueSource(strings = {"nio", "epoll", "io_uring"})
    void goesOnWhenDescriptorsAreFreeAgain(String transport) throws Exception {
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
            weir.awaitStderr("accepting failed");
            Thread.sleep(2_500);
            long tries = weir.stderrText()
                    .lines()
                    .filter(line -> line.contains("accepting failed"))
                    .count();
            assertTrue(tries <= 4, () -> tries + " tries in 2.5 s");
            for (RawClient client : clients.subList(0, MOST)) {
                client.close();
            }
            for (RawClient client : clients.subList(MOST, 2 * MOST)) {
                client.send("GET /waited HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n");
                assertEquals(200, client.read().status());
                client.close();
            }
            assertEquals(200, RawClient.get(weir.port(), "/after").status());
        }
    }
}
