package weir.listener;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.channel.embedded.EmbeddedChannel;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class LastAcceptsTest {
    private final EmbeddedChannel socket = new EmbeddedChannel();

    private void close(AcceptGuard guard) {
        socket.freezeTime();
        LastAccepts.close(socket, guard);
    }

    private boolean openAfter(long millis) {
        for (long i = 0; i < millis; i++) {
            socket.advanceTimeBy(1, TimeUnit.MILLISECONDS);
            socket.runScheduledPendingTasks();
        }
        return socket.isOpen();
    }

    @Test
    void waitsForTheLastStepOfHandshakes() {
        close(AcceptGuard.INTERFACE);
        assertTrue(openAfter(199));
        assertFalse(openAfter(1));
    }

    @Test
    void waitsAgainAfterEachConnection() {
        close(AcceptGuard.FILTER);
        assertTrue(openAfter(150));
        socket.writeInbound("a connection");
        assertTrue(openAfter(200));
        assertFalse(openAfter(10));
        assertEquals("a connection", socket.readInbound());
    }

    @Test
    void waitsWhileTheSocketRests() {
        close(AcceptGuard.FILTER);
        socket.config().setAutoRead(false);
        assertTrue(openAfter(1_000));
        socket.config().setAutoRead(true);
        assertTrue(openAfter(190));
        assertFalse(openAfter(10));
    }

    @Test
    void closesBetweenTwoConnectionsWithoutAGuard() {
        close(AcceptGuard.NONE);
        socket.writeInbound("one");
        assertTrue(openAfter(1));
        assertTrue(openAfter(1));
        assertFalse(openAfter(1));
    }

    @Test
    void doesNotWaitForEver() {
        close(AcceptGuard.NONE);
        for (int i = 1; i < 500; i++) {
            socket.writeInbound(i);
            assertTrue(openAfter(1));
        }
        socket.writeInbound(500);
        assertFalse(openAfter(1));
    }
}
