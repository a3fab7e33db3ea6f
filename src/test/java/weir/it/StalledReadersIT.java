package weir.it;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.netty.channel.uring.IoUring;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketException;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import weir.testing.ScriptedBackend;
import weir.testing.WeirLaunch;
import weir.testing.WeirProcess;

/** Clients that ask and do not read. */
@Timeout(60)
final class StalledReadersIT {
    private static final String BODY = "x".repeat(16 << 20);

    @ParameterizedTest
    @ValueSource(strings = {"nio", "epoll", "io_uring"})
    void areReset(String transport) throws Exception {
        assumeTrue(!transport.equals("io_uring") || IoUring.isAvailable(), "missing on this machine: io_uring");
        try (ScriptedBackend backend = ScriptedBackend.saying(BODY);
                WeirProcess weir = new WeirLaunch("""
                        routes: [{path: /, service: app}]
                        services: {app: {backends: [%s], timeouts: {idle: 1s}}}
                        limits: {idle-timeout: 1s}
                        """.formatted(backend.address()))
                        .withoutTraces()
                        .flags("-Dweir.transport=" + transport)
                        .start();
                Socket client = new Socket("127.0.0.1", weir.port())) {
            client.getOutputStream().write("GET /stalled HTTP/1.1\r\nHost: a.test\r\n\r\n".getBytes());
            weir.awaitLog("/stalled");
            InputStream in = client.getInputStream();
            assertThrows(SocketException.class, () -> in.transferTo(OutputStream.nullOutputStream()));
        }
    }
}
