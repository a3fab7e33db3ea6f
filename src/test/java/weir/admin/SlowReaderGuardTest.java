package weir.admin;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class SlowReaderGuardTest {
    /** A client that takes nothing: no write is ever done. */
    private static final class Stuck extends ChannelOutboundHandlerAdapter {
        @Override
        public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
            ((ByteBuf) message).release();
        }
    }

    @Test
    void closesTheConnectionOfAClientThatTakesNothing() {
        EmbeddedChannel channel = new EmbeddedChannel(new Stuck(), new SlowReaderGuard());
        channel.freezeTime();
        channel.writeOneOutbound(Unpooled.copyLong(1));
        channel.advanceTimeBy(29, TimeUnit.SECONDS);
        channel.runScheduledPendingTasks();
        assertTrue(channel.isOpen());
        channel.advanceTimeBy(2, TimeUnit.SECONDS);
        channel.runScheduledPendingTasks();
        assertFalse(channel.isOpen());
        channel.checkException();
    }
}
