package weir.listener;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.ConnectException;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(20)
final class AcceptGuardTest {
    /** More than enough that each socket of the group has one. */
    private static final int CLIENTS = 32;

    @ParameterizedTest
    @ValueSource(strings = {"epoll", "io_uring"})
    void anyUserMayHaveNewConnectionsRefusedWhileThoseInTheQueueAreAccepted(String transport) throws Exception {
        try (ListeningSockets sockets = new ListeningSockets(transport, 2)) {
            List<Socket> queued = new ArrayList<>();
            try {
                for (int i = 0; i < CLIENTS; i++) {
                    queued.add(sockets.connect());
                }
                assertTrue(sockets.all().stream().allMatch(AcceptGuard.INTERFACE::guards));
                for (int i = 0; i < CLIENTS; i++) {
                    assertThrows(ConnectException.class, sockets::connect);
                }
                sockets.accept();
                for (Socket client : queued) {
                    ListeningSockets.assertEchoes(client);
                }
            } finally {
                for (Socket client : queued) {
                    client.close();
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"epoll", "io_uring"})
    void takesWhatTheKernelAllows(String transport) throws Exception {
        try (ListeningSockets sockets = new ListeningSockets(transport, 2)) {
            AcceptGuard expected =
                    AcceptGuard.FILTER.guards(sockets.all().get(0)) ? AcceptGuard.FILTER : AcceptGuard.INTERFACE;
            assertEquals(expected, AcceptGuard.on(sockets.all()));
        }
    }

    @Test
    void hasNoGuardForSocketsOfJava() throws Exception {
        try (ListeningSockets sockets = new ListeningSockets("nio", 1)) {
            assertEquals(AcceptGuard.NONE, AcceptGuard.on(sockets.all()));
        }
    }
}
