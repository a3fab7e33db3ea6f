package weir.testing;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.ssl.SslContext;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A backend that speaks HTTP/2 by Netty's codec and does with each stream what a test says. Scripts run on the one event
 * loop of the backend. Thread-safe.
 */
public final class Http2Backend implements AutoCloseable {
    private final MultiThreadIoEventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final Http2Settings settings;
    private final @Nullable SslContext tls;
    private final Consumer<Http2BackendCall> script;
    private final Channel listening;
    private final List<Channel> connections = new CopyOnWriteArrayList<>();
    private final List<Http2BackendCall> calls = new CopyOnWriteArrayList<>();

    private Http2Backend(Http2Settings settings, @Nullable SslContext tls, Consumer<Http2BackendCall> script) {
        this.settings = settings;
        this.tls = tls;
        this.script = script;
        this.listening = new ServerBootstrap()
                .group(loop)
                .channel(NioServerSocketChannel.class)
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        accept(channel);
                    }
                })
                .bind("127.0.0.1", 0)
                .syncUninterruptibly()
                .channel();
    }

    /** A backend in the clear; {@code script} is run at the head of each request. */
    public static Http2Backend start(Consumer<Http2BackendCall> script) {
        return new Http2Backend(Http2Settings.defaultSettings(), null, script);
    }

    /** A backend with settings of its own. */
    public static Http2Backend start(Http2Settings settings, Consumer<Http2BackendCall> script) {
        return new Http2Backend(settings, null, script);
    }

    /** A backend over TLS. */
    public static Http2Backend start(SslContext tls, Consumer<Http2BackendCall> script) {
        return new Http2Backend(Http2Settings.defaultSettings(), tls, script);
    }

    private void accept(Channel channel) {
        connections.add(channel);
        if (tls != null) {
            channel.pipeline().addLast(tls.newHandler(channel.alloc()));
        }
        ChannelHandler streams = new ChannelInitializer<>() {
            @Override
            protected void initChannel(Channel stream) {
                Http2BackendCall call = new Http2BackendCall(channel, script);
                calls.add(call);
                stream.pipeline().addLast(call);
            }
        };
        channel.pipeline()
                .addLast(
                        Http2FrameCodecBuilder.forServer()
                                .initialSettings(settings)
                                .validateHeaders(false)
                                .decoupleCloseAndGoAway(true)
                                .build(),
                        new Http2MultiplexHandler(streams));
    }

    public int port() {
        return ((InetSocketAddress) listening.localAddress()).getPort();
    }

    public String address() {
        return "127.0.0.1:" + port();
    }

    /** Connections accepted so far. */
    public List<Channel> connections() {
        return connections;
    }

    /** How many of them are open. */
    public int open() {
        return (int) connections.stream().filter(Channel::isOpen).count();
    }

    /** The requests so far, in the order their heads came. */
    public List<Http2BackendCall> calls() {
        return calls;
    }

    @Override
    public void close() {
        listening.close().syncUninterruptibly();
        connections.forEach(connection -> connection.close().awaitUninterruptibly(5, TimeUnit.SECONDS));
        loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    }
}
