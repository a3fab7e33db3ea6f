package weir.connection;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.channel.embedded.EmbeddedChannel;
import org.junit.jupiter.api.Test;
import weir.http.Tick;

final class ResetWatchTest {
    private final Tick tick = new Tick();
    private final EmbeddedChannel channel = new EmbeddedChannel();
    private final ResetWatch watch = new ResetWatch(channel, () -> this.closed, tick);
    private boolean closed;

    private void ticks(int times) {
        for (int i = 0; i < times; i++) {
            tick.run(System.nanoTime());
        }
    }

    @Test
    void closesAConnectionThatTheKernelHasClosed() {
        watch.read();
        closed = true;
        ticks(5);
        assertTrue(channel.isActive());
        ticks(1);
        assertFalse(channel.isActive());
        assertEquals(0, tick.size());
    }

    @Test
    void asksOnceForEachSilence() {
        watch.read();
        ticks(3);
        assertEquals(0, tick.size());
        closed = true;
        ticks(10);
        assertTrue(channel.isActive());
        watch.read();
        ticks(6);
        assertFalse(channel.isActive());
    }

    /** A silence, then bytes and a reset at once: the tick that falls between these and their being read is no proof. */
    @Test
    void letsBytesComeThatAreOnTheirWay() {
        watch.read();
        ticks(2);
        closed = true;
        ticks(1);
        watch.read();
        ticks(5);
        assertTrue(channel.isActive());
    }

    @Test
    void waitsForThoseThatDoNotReadForNow() {
        watch.read();
        channel.config().setAutoRead(false);
        closed = true;
        ticks(10);
        channel.config().setAutoRead(true);
        ticks(5);
        assertTrue(channel.isActive());
        ticks(1);
        assertFalse(channel.isActive());
    }
}
