package weir.http1;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.uring.IoUring;
import io.netty.channel.uring.IoUringChannelOption;
import io.netty.channel.uring.IoUringIoHandler;
import io.netty.channel.uring.IoUringServerSocketChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** On sockets: what the kernel is told about the end. */
@Timeout(20)
final class ConnectionEndTest {
    /** Corks, sends and closes each connection, and says what the option then was. */
    private static final class Says extends ChannelInboundHandlerAdapter {
        private final @Nullable ChannelOption<Boolean> cork;
        private final CompletableFuture<Boolean> corked = new CompletableFuture<>();

        Says(@Nullable ChannelOption<Boolean> cork) {
            this.cork = cork;
        }

        /** By then the client has sent what nobody will read. */
        @Override
        public void channelActive(ChannelHandlerContext ctx) {
            ctx.executor().schedule(() -> end(ctx), 100, TimeUnit.MILLISECONDS);
        }

        private void end(ChannelHandlerContext ctx) {
            ConnectionEnd end = new ConnectionEnd(ctx);
            end.cork();
            corked.complete(cork != null && ctx.channel().config().getOption(cork));
            ByteBuf last = Unpooled.copiedBuffer("the last", StandardCharsets.US_ASCII);
            ctx.writeAndFlush(Unpooled.directBuffer().writeBytes(last));
            last.release();
            end.closeFlushed();
        }
    }

    private static boolean corks(
            IoHandlerFactory loops,
            ChannelFactory<? extends ServerChannel> sockets,
            @Nullable ChannelOption<Boolean> cork)
            throws Exception {
        MultiThreadIoEventLoopGroup group = new MultiThreadIoEventLoopGroup(1, loops);
        Says says = new Says(cork);
        try {
            Channel server = new ServerBootstrap()
                    .group(group)
                    .channelFactory(sockets)
                    .childHandler(says)
                    .childOption(ChannelOption.AUTO_READ, false)
                    .bind(InetAddress.getLoopbackAddress(), 0)
                    .sync()
                    .channel();
            InetSocketAddress at = (InetSocketAddress) server.localAddress();
            try (Socket client = new Socket(at.getAddress(), at.getPort())) {
                client.getOutputStream().write("nobody reads this".getBytes(StandardCharsets.US_ASCII));
                byte[] all = client.getInputStream().readNBytes("the last".length());
                assertEquals("the last", new String(all, StandardCharsets.US_ASCII));
            }
            return says.corked.get(1, TimeUnit.SECONDS);
        } finally {
            group.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
        }
    }

    @Test
    void sendsTheEndWithTheLastOnIoUring() throws Exception {
        assumeTrue(IoUring.isAvailable(), "this kernel forbids io_uring");
        assertEquals(
                true,
                corks(IoUringIoHandler.newFactory(), IoUringServerSocketChannel::new, IoUringChannelOption.TCP_CORK));
    }

    @Test
    void sendsTheEndWithTheLastOnEpoll() throws Exception {
        assumeTrue(Epoll.isAvailable(), "this machine has no epoll");
        assertEquals(
                true, corks(EpollIoHandler.newFactory(), EpollServerSocketChannel::new, EpollChannelOption.TCP_CORK));
    }

    @Test
    void closesWithoutItOnNio() throws Exception {
        assertEquals(false, corks(NioIoHandler.newFactory(), NioServerSocketChannel::new, null));
    }
}
