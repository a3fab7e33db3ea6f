package weir.listener;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(20)
final class SynFilterTest {
    private static final int LESS_THAN_THE_SECOND_TRY = 400;
    private static final int CAP_NET_ADMIN = 12;

    @ParameterizedTest
    @ValueSource(strings = {"epoll", "io_uring"})
    void leavesNewConnectionsUnansweredAndTheQueuedOnesAlone(String transport) throws Exception {
        try (ListeningSockets sockets = new ListeningSockets(transport, 1);
                Socket queued = sockets.connect();
                Socket late = new Socket()) {
            boolean attached = AcceptGuard.FILTER.guards(sockets.all().get(0));
            assumeTrue(
                    attached || mayAdministrate(), "missing on this machine: CAP_NET_ADMIN, to attach a socket filter");
            assertThrows(SocketTimeoutException.class, () -> late.connect(sockets.at(), LESS_THAN_THE_SECOND_TRY));
            sockets.accept();
            ListeningSockets.assertEchoes(queued);
        }
    }

    private static boolean mayAdministrate() throws IOException {
        return Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith("CapEff:"))
                .map(line -> Long.parseUnsignedLong(
                        line.substring("CapEff:".length()).strip(), 16))
                .anyMatch(capabilities -> (capabilities >> CAP_NET_ADMIN & 1) != 0);
    }
}
