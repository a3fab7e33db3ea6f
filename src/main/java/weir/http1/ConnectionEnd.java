package weir.http1;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.socket.DuplexChannel;
import io.netty.channel.unix.Socket;
import io.netty.channel.unix.UnixChannel;
import io.netty.channel.uring.IoUringChannelOption;
import io.netty.channel.uring.IoUringSocketChannel;
import io.netty.handler.ssl.SslHandler;
import java.io.IOException;
import java.nio.channels.NotYetConnectedException;

/** The ways a connection's output ends. Confined to one event loop. */
final class ConnectionEnd {
    private static final ChannelFutureListener UNCORK_AND_CLOSE = ConnectionEnd::uncorkAndClose;

    private final ChannelHandlerContext context;
    private boolean inputOver;
    private boolean outputShut;
    private boolean corked;

    ConnectionEnd(ChannelHandlerContext context) {
        this.context = context;
    }

    /**
     * What is sent from now on is the last, and {@link #closeFlushed} follows: the kernel keeps what does not fill a segment until
     * then (or 200 ms), so that the end travels in it instead of in a segment of its own (TCP_CORK, tcp(7)). Not where TLS
     * has a last word of its own, nor on NIO, which knows no such option.
     */
    void cork() {
        Channel channel = context.channel();
        ChannelOption<Boolean> option = channel instanceof IoUringSocketChannel
                ? IoUringChannelOption.TCP_CORK
                : channel instanceof EpollSocketChannel ? EpollChannelOption.TCP_CORK : null;
        if (option == null || !channel.isActive()) {
            return;
        }
        try {
            channel.config().setOption(option, true);
            corked = true;
        } catch (ChannelException e) {
            // The connection is broken, and what is sent will fail.
        }
    }

    /** Closes when all that was written is sent. */
    void closeFlushed() {
        context.writeAndFlush(Unpooled.EMPTY_BUFFER)
                .addListener(corked ? UNCORK_AND_CLOSE : ChannelFutureListener.CLOSE);
    }

    /**
     * Sends what the kernel keeps, and the end with it: closing alone would throw that away if the peer has sent something
     * that nobody read (what the peer's window has no room for is lost even so, as without a cork). By system call, as
     * Netty's own shutdown makes an exception with its stack trace each time.
     */
    private static void uncorkAndClose(ChannelFuture sent) {
        Channel channel = sent.channel();
        try {
            if (channel.isActive() && ((UnixChannel) channel).fd() instanceof Socket socket) {
                socket.shutdown(false, true);
            }
        } catch (IOException | NotYetConnectedException e) {
            // The peer is gone, or has reset the connection, which the kernel calls not connected.
        } finally {
            channel.close();
        }
    }

    /**
     * Half-closes when all that was written is sent, so that the peer can read it before the connection is closed under
     * what it still sends (RFC 9112 section 9.6); closes if the input is over by then.
     */
    void shutOutput() {
        context.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener((ChannelFuture sent) -> flushed(sent));
    }

    private void flushed(ChannelFuture sent) {
        Channel channel = context.channel();
        if (sent.isSuccess() && !inputOver && channel instanceof DuplexChannel duplex) {
            outputShut = true;
            SslHandler tls = channel.pipeline().get(SslHandler.class);
            if (tls == null) {
                duplex.shutdownOutput();
            } else {
                // Without a close_notify the peer would take it for an attack (RFC 8446 section 6.1).
                tls.closeOutbound().addListener(notified -> duplex.shutdownOutput());
            }
        } else {
            context.close();
        }
    }

    /** Nothing more is expected from the peer: closes as soon as the output is shut. */
    void inputOver() {
        inputOver = true;
        if (outputShut) {
            context.close();
        }
    }

    /** Closes so that the peer sees a reset: only that tells it that this is not the end of the body. */
    void reset() {
        context.channel().config().setOption(ChannelOption.SO_LINGER, 0);
        ChannelHandlerContext tls = context.pipeline().context(SslHandler.class);
        // Below TLS, whose close_notify would make it an end like any other.
        (tls == null ? context : tls).close();
    }
}
