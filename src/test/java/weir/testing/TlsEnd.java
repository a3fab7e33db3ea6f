package weir.testing;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * How a TLS connection ends: Java's own sockets do not tell a close_notify from an end without one (RFC 8446 section 6.1).
 * Stateless.
 */
public final class TlsEnd {
    private TlsEnd() {}

    /** Connects, sends those bytes and reads to the end; whether a close_notify came before the end of the connection. */
    public static boolean isNotified(int port, Path authority, String serverName, String protocol, byte[] bytes)
            throws IOException, InterruptedException {
        SslContext tls = SslContextBuilder.forClient()
                .trustManager(authority.toFile())
                .applicationProtocolConfig(new ApplicationProtocolConfig(
                        ApplicationProtocolConfig.Protocol.ALPN,
                        ApplicationProtocolConfig.SelectorFailureBehavior.NO_ADVERTISE,
                        ApplicationProtocolConfig.SelectedListenerFailureBehavior.ACCEPT,
                        protocol))
                .build();
        CompletableFuture<Boolean> notified = new CompletableFuture<>();
        MultiThreadIoEventLoopGroup group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        try {
            new Bootstrap()
                    .group(group)
                    .channel(NioSocketChannel.class)
                    .handler(new ChannelInitializer<Channel>() {
                        @Override
                        protected void initChannel(Channel channel) {
                            channel.pipeline()
                                    .addLast(tls.newHandler(channel.alloc(), serverName, port))
                                    .addLast(new Peer(bytes, notified));
                        }
                    })
                    .connect("127.0.0.1", port)
                    .sync();
            return notified.get(WeirProcess.PATIENCE.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new IOException(e);
        } finally {
            group.shutdownGracefully(0, 1, TimeUnit.SECONDS);
        }
    }

    private static final class Peer extends ChannelInboundHandlerAdapter {
        private final byte[] bytes;
        private final CompletableFuture<Boolean> notified;

        Peer(byte[] bytes, CompletableFuture<Boolean> notified) {
            this.bytes = bytes;
            this.notified = notified;
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (event instanceof SslHandshakeCompletionEvent handshake && handshake.isSuccess()) {
                ctx.writeAndFlush(Unpooled.wrappedBuffer(bytes));
            } else if (event instanceof SslCloseCompletionEvent close) {
                notified.complete(close.isSuccess());
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            notified.complete(false);
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            notified.completeExceptionally(cause);
        }
    }
}
