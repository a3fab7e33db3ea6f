package weir.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.netty.channel.uring.IoUring;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import weir.testing.RawClient;
import weir.testing.ScriptedBackend;
import weir.testing.WeirLaunch;
import weir.testing.WeirProcess;

/** Peers that read all the time, but slowly: their kernels hold so much that Weir can write nothing for long. */
@Timeout(120)
final class SlowReadersIT {
    private static final int BODY = 12 << 20;
    private static final int PIECE = 64 << 10;

    @ParameterizedTest
    @ValueSource(strings = {"epoll", "io_uring"})
    void slowClientsGetAll(String transport) throws Exception {
        try (ScriptedBackend backend = ScriptedBackend.saying("x".repeat(BODY));
                WeirProcess weir = start(transport, backend);
                Socket client = new Socket()) {
            client.setReceiveBufferSize(4 << 20);
            client.connect(new InetSocketAddress("127.0.0.1", weir.port()));
            client.getOutputStream().write("GET /slow HTTP/1.1\r\nHost: a.test\r\n\r\n".getBytes());
            InputStream in = client.getInputStream();
            // No write of Weir's is possible for some seconds, since much waits in the kernels.
            long taken = 0;
            for (long end = System.nanoTime() + 8_000_000_000L; System.nanoTime() < end; Thread.sleep(100)) {
                taken += in.readNBytes(PIECE).length;
            }
            assertTrue(taken < BODY, "too fast to show anything");
            while (taken < BODY) {
                int more = in.readNBytes(PIECE).length;
                assertTrue(more > 0, "cut off after " + taken);
                taken += more;
            }
            assertEquals("", weir.awaitLog("/slow").get("why").getAsString());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"epoll", "io_uring"})
    void slowBackendsGetAll(String transport) throws Exception {
        try (ScriptedBackend backend = ScriptedBackend.start(connection -> {
                    connection.readHead();
                    slowly(connection.input());
                    connection.send(ScriptedBackend.ok("all"));
                });
                WeirProcess weir = start(transport, backend);
                RawClient client = RawClient.connect(weir.port())) {
            client.send(
                    "POST /slow HTTP/1.1\r\nHost: a.test\r\nContent-Length: " + BODY + "\r\n\r\n" + "x".repeat(BODY));
            assertEquals("all", client.read().body());
            assertEquals("", weir.awaitLog("/slow").get("why").getAsString());
        }
    }

    private static void slowly(InputStream in) throws IOException, InterruptedException {
        long left = BODY;
        for (long end = System.nanoTime() + 8_000_000_000L; System.nanoTime() < end; Thread.sleep(100)) {
            left -= in.readNBytes(PIECE).length;
        }
        while (left > 0) {
            left -= in.readNBytes((int) Math.min(left, PIECE)).length;
        }
    }

    private static WeirProcess start(String transport, ScriptedBackend backend) throws Exception {
        assumeTrue(!transport.equals("io_uring") || IoUring.isAvailable(), "missing on this machine: io_uring");
        return new WeirLaunch("""
                routes: [{path: /, service: app}]
                services: {app: {backends: [%s], timeouts: {idle: 2s, response-header: 2s}}}
                limits: {idle-timeout: 2s, body-timeout: 0}
                """.formatted(backend.address()))
                .withoutTraces()
                .flags("-Dweir.transport=" + transport)
                .start();
    }
}
