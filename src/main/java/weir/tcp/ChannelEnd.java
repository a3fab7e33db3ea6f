package weir.tcp;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslHandler;
import java.util.concurrent.TimeUnit;

/** The ways a session's connections end beside a plain close. Called on their event loop. */
final class ChannelEnd {
    /** A reset throws away what the kernel has not delivered yet: it is given this long. */
    private static final long DELIVERY_MILLIS = 500;

    private ChannelEnd() {}

    /** Closes so that the other side sees a reset. */
    static void reset(Channel channel) {
        if (channel.isOpen()) {
            channel.config().setOption(ChannelOption.SO_LINGER, 0);
            // Past a TLS handler, which would say that this is a proper end.
            channel.pipeline().firstContext().close();
        }
    }

    /** The same once all that was written is sent, and has had a moment to arrive. */
    static void resetLater(Channel channel) {
        channel.config().setAutoRead(false);
        channel.writeAndFlush(Unpooled.EMPTY_BUFFER)
                .addListener(sent -> channel.eventLoop()
                        .schedule(() -> reset(channel), sent.isSuccess() ? DELIVERY_MILLIS : 0, TimeUnit.MILLISECONDS));
    }

    /** Says that nothing more is sent. All that was written has been. */
    static void shutdownOutput(Channel channel) {
        if (!(channel instanceof DuplexChannel duplex) || !duplex.isActive()) {
            return;
        }
        SslHandler tls = channel.pipeline().get(SslHandler.class);
        if (tls == null) {
            duplex.shutdownOutput();
        } else {
            // Without a close_notify the peer would take it for an attack (RFC 8446 section 6.1).
            tls.closeOutbound().addListener(notified -> duplex.shutdownOutput());
        }
    }
}
