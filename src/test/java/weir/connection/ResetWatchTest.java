package weir.connection;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import weir.http.Tick;

final class ResetWatchTest {
    private final Tick tick = new Tick();
    private final EmbeddedChannel channel = new EmbeddedChannel(new ChannelInboundHandlerAdapter());
    private boolean closed;

    ResetWatchTest() {
        channel.pipeline().addFirst(new ResetWatch(channel, () -> closed, tick));
    }

    @AfterEach
    void finish() {
        channel.finishAndReleaseAll();
    }

    private void bytes() {
        channel.writeInbound(Unpooled.copyInt(1));
    }

    private void ticks(int times) {
        for (int i = 0; i < times; i++) {
            tick.run();
        }
    }

    @Test
    void closesAConnectionThatTheKernelHasClosed() {
        bytes();
        closed = true;
        ticks(5);
        assertTrue(channel.isActive());
        ticks(1);
        assertFalse(channel.isActive());
        assertEquals(0, tick.size());
    }

    @Test
    void asksOnceForEachSilence() {
        bytes();
        ticks(3);
        assertEquals(0, tick.size());
        closed = true;
        ticks(10);
        assertTrue(channel.isActive());
        bytes();
        ticks(6);
        assertFalse(channel.isActive());
    }

    /** A silence, then bytes and a reset at once: the tick that falls between these and their being read is no proof. */
    @Test
    void letsBytesComeThatAreOnTheirWay() {
        bytes();
        ticks(2);
        closed = true;
        ticks(1);
        bytes();
        ticks(5);
        assertTrue(channel.isActive());
    }

    @Test
    void waitsForThoseThatDoNotReadForNow() {
        bytes();
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
