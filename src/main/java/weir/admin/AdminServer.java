package weir.admin;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Clock;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import weir.config.Address;
import weir.config.AdminConfig;
import weir.config.FailureText;
import weir.config.LimitsConfig;
import weir.http.HeadPool;
import weir.http.MessageLimits;
import weir.http.Tick;
import weir.http1.Http1ClientHandler;
import weir.http1.Http1Limits;
import weir.loop.ConnectionGuard;
import weir.loop.Heartbeats;
import weir.loop.LoopClock;
import weir.loop.LoopProgress;
import weir.loop.ThreadTime;

/**
 * The socket of the admin API with one event loop of its own, so that it answers while the data plane is busy. Its
 * limits are its own too, whatever the configuration allows clients. Thread-safe.
 */
public final class AdminServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(AdminServer.class);
    private static final int MAXIMUM_CONNECTIONS = 64;
    private static final Http1Limits LIMITS = new Http1Limits(
            new MessageLimits(
                    8 * 1024,
                    16 * 1024,
                    64,
                    TimeUnit.SECONDS.toNanos(5),
                    TimeUnit.SECONDS.toNanos(5),
                    TimeUnit.SECONDS.toNanos(60),
                    LimitsConfig.Underscores.DROP),
            LimitsConfig.HalfClosed.ANSWER);

    private final MultiThreadIoEventLoopGroup loop;
    private final Channel socket;
    private final ChannelGroup connections;
    private final ThreadTime time;

    private AdminServer(MultiThreadIoEventLoopGroup loop, Channel socket, ChannelGroup connections, ThreadTime time) {
        this.time = time;
        this.loop = loop;
        this.socket = socket;
        this.connections = connections;
    }

    /**
     * Binds {@code admin.address}; answers from then on.
     *
     * @param guard what stands last in the pipeline of every connection
     * @throws IOException when the address cannot be had or the token cannot be read, with one clear line
     */
    public static AdminServer start(AdminConfig config, AdminViews views, AdminControls controls, ConnectionGuard guard)
            throws IOException {
        @Nullable TokenFile token = config.tokenFile() == null ? null : new TokenFile(Path.of(config.tokenFile()));
        if (token != null) {
            token.check();
        }
        AdminApi api = new AdminApi(views, controls, new AccessRules(token, config.readOnly()));
        LoopProgress progress = new LoopProgress(NioIoHandler.newFactory());
        MultiThreadIoEventLoopGroup loop =
                new MultiThreadIoEventLoopGroup(1, new DefaultThreadFactory("weir-admin", true), progress);
        Tick tick = new Tick();
        AdminHandler handler = new AdminHandler(api, new HeadPool(), loop, Clock.systemUTC());
        ChannelGroup connections = new DefaultChannelGroup(loop.next(), true);
        ChannelFuture bound = new ServerBootstrap()
                .group(loop)
                .channel(NioServerSocketChannel.class)
                .option(ChannelOption.SO_REUSEADDR, true)
                .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
                .childHandler(new Initializer(handler, tick, connections, guard))
                .bind(socketAddress(config.address()))
                .awaitUninterruptibly();
        if (!bound.isSuccess()) {
            loop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
            throw new IOException(
                    "admin.address " + config.address() + ": " + FailureText.of(bound.cause()), bound.cause());
        }
        ThreadTime time = new ThreadTime();
        LoopClock.start(loop.next(), tick, progress.of(loop.next()), time, lag -> {});
        loop.scheduleAtFixedRate(
                () -> views.loops().observe(System.nanoTime()),
                Heartbeats.OBSERVED_MILLIS,
                Heartbeats.OBSERVED_MILLIS,
                TimeUnit.MILLISECONDS);
        return new AdminServer(loop, bound.channel(), connections, time);
    }

    /** Begins to measure the processor time of its loop. */
    public void measure() {
        time.measure();
    }

    /** Where it listens; the port is the kernel's where the configuration says 0. */
    public InetSocketAddress address() {
        return (InetSocketAddress) socket.localAddress();
    }

    /** Closes the socket and every connection, and ends the thread. */
    @Override
    public void close() {
        socket.close().awaitUninterruptibly();
        connections.close().awaitUninterruptibly(1, TimeUnit.SECONDS);
        loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(2, TimeUnit.SECONDS);
    }

    private static InetSocketAddress socketAddress(Address address) {
        return address.host().isEmpty()
                ? new InetSocketAddress(address.port())
                : new InetSocketAddress(address.host(), address.port());
    }

    /** Makes accepted connections speak HTTP/1.1. Confined to the admin event loop. */
    @ChannelHandler.Sharable
    private static final class Initializer extends ChannelInitializer<Channel> {
        private final AdminHandler handler;
        private final Tick tick;
        private final ChannelGroup connections;
        private final ConnectionGuard guard;

        Initializer(AdminHandler handler, Tick tick, ChannelGroup connections, ConnectionGuard guard) {
            this.guard = guard;
            this.handler = handler;
            this.tick = tick;
            this.connections = connections;
        }

        @Override
        protected void initChannel(Channel channel) {
            if (connections.size() >= MAXIMUM_CONNECTIONS) {
                LOG.warn(
                        "admin API: {} connections are open, {} is refused",
                        MAXIMUM_CONNECTIONS,
                        channel.remoteAddress());
                channel.close();
                return;
            }
            connections.add(channel);
            guard.install(channel);
            ConnectionGuard.add(channel, new SlowReaderGuard());
            ConnectionGuard.add(
                    channel, new Http1ClientHandler(handler, handler.heads(), tick.clients(), LIMITS, () -> false));
        }

        /** Nothing else would close it, as it may have no handler yet. */
        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            ConnectionGuard.report(ctx.channel(), cause);
            ctx.close();
        }
    }
}
