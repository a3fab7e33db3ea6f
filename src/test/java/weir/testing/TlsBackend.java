package weir.testing;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.ssl.SniHandler;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.handler.ssl.SslContext;
import io.netty.util.Mapping;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/** A backend that speaks HTTP/1.1 over TLS and answers every GET alike, or gives bytes back. Thread-safe. */
public final class TlsBackend implements AutoCloseable {
    private final MultiThreadIoEventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final AtomicInteger connections = new AtomicInteger();
    private final AtomicInteger requests = new AtomicInteger();
    private final Channel listening;
    private volatile String serverName = "";

    /** What to do with a request; it was read to its end. */
    private interface Answer {
        void to(ChannelHandlerContext ctx);
    }

    private TlsBackend(SslContext tls, Function<TlsBackend, ChannelHandler> inside) {
        listening = new ServerBootstrap()
                .group(loop)
                .channel(NioServerSocketChannel.class)
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        connections.incrementAndGet();
                        channel.pipeline()
                                .addLast(new SniHandler((Mapping<String, SslContext>) name -> {
                                    serverName = String.valueOf(name);
                                    return tls;
                                }))
                                .addLast(inside.apply(TlsBackend.this));
                    }
                })
                .bind("127.0.0.1", 0)
                .syncUninterruptibly()
                .channel();
    }

    private static TlsBackend answering(SslContext tls, Answer answer) {
        return new TlsBackend(tls, backend -> backend.new Requests(answer));
    }

    /** Gives back what comes, and has a last word when the client has ended TLS. */
    private static final class Echo extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            ctx.writeAndFlush(message);
        }

        @Override
        public void channelWritabilityChanged(ChannelHandlerContext ctx) {
            ctx.channel().config().setAutoRead(ctx.channel().isWritable());
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (event instanceof SslCloseCompletionEvent) {
                ctx.writeAndFlush(bytes("bye")).addListener(ChannelFutureListener.CLOSE);
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            ctx.close();
        }
    }

    /** Finds where requests without a body end. */
    private final class Requests extends SimpleChannelInboundHandler<ByteBuf> {
        private final Answer answer;
        private String read = "";

        Requests(Answer answer) {
            this.answer = answer;
        }

        @Override
        protected void channelRead0(ChannelHandlerContext ctx, ByteBuf in) {
            read += in.toString(StandardCharsets.ISO_8859_1);
            for (int end = read.indexOf("\r\n\r\n"); end >= 0; end = read.indexOf("\r\n\r\n")) {
                read = read.substring(end + 4);
                requests.incrementAndGet();
                answer.to(ctx);
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            ctx.close();
        }
    }

    /** Answers with that body. */
    public static TlsBackend saying(SslContext tls, String body) {
        return start(tls, channel -> body);
    }

    /** Answers with what is made of the connection. */
    public static TlsBackend start(SslContext tls, Function<Channel, String> body) {
        return answering(tls, ctx -> {
            String text = body.apply(ctx.channel());
            ctx.writeAndFlush(bytes("HTTP/1.1 200 OK\r\nContent-Length: " + text.length() + "\r\n\r\n" + text));
        });
    }

    /** Answers with a body that ends with the connection: with close_notify, or just so. */
    public static TlsBackend untilClose(SslContext tls, String body, boolean closeNotify) {
        return answering(
                tls,
                ctx -> ctx.writeAndFlush(bytes("HTTP/1.1 200 OK\r\n\r\n" + body))
                        .addListener((ChannelFutureListener) sent -> {
                            if (closeNotify) {
                                ctx.close();
                            } else {
                                ((SocketChannel) ctx.channel()).shutdownOutput();
                            }
                        }));
    }

    /** Gives back what comes, and says "bye" when TLS is ended. */
    public static TlsBackend echo(SslContext tls) {
        return new TlsBackend(tls, backend -> new Echo());
    }

    private static ByteBuf bytes(String text) {
        return Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1);
    }

    public int port() {
        return ((InetSocketAddress) listening.localAddress()).getPort();
    }

    public String address() {
        return "127.0.0.1:" + port();
    }

    /** Connections accepted so far. */
    public int connections() {
        return connections.get();
    }

    /** Requests read so far. */
    public int requests() {
        return requests.get();
    }

    /** The name asked for last. */
    public String serverName() {
        return serverName;
    }

    @Override
    public void close() {
        listening.close().syncUninterruptibly();
        loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    }
}
