package weir.connection;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import java.net.InetSocketAddress;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import weir.http.ConnectionFacts;
import weir.loop.Descriptors;
import weir.loop.Relief;
import weir.proxyprotocol.ProxyHeaderWriter;

/** Opens connections from one event loop. Confined to that event loop. */
public final class Connector {
    private final EventLoop eventLoop;
    private final ByteBufAllocator buffers;
    private final ChannelFactory<? extends Channel> channels;
    private final BackendProtocol protocol;
    private final Relief relief;

    /**
     * A connector whose channels live on {@code eventLoop}, take their buffers there, and speak {@code protocol}.
     *
     * @param relief asked once for each connection that lacks a descriptor
     */
    public Connector(
            EventLoop eventLoop,
            ByteBufAllocator buffers,
            ChannelFactory<? extends Channel> channels,
            BackendProtocol protocol,
            Relief relief) {
        this.relief = relief;
        this.eventLoop = eventLoop;
        this.buffers = buffers;
        this.channels = channels;
        this.protocol = protocol;
    }

    Bootstrap bootstrap(InetSocketAddress address, Duration connectTimeout) {
        return new Bootstrap()
                .group(eventLoop)
                .channelFactory(channels)
                .disableResolver()
                .remoteAddress(address)
                .option(ChannelOption.ALLOCATOR, buffers)
                .option(ChannelOption.ALLOW_HALF_CLOSURE, true)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, millis(connectTimeout));
    }

    /** Connects; {@code client} is whom a PROXY header names to the backend, null for no header. */
    void connect(
            Bootstrap bootstrap,
            Destination to,
            PooledConnection connection,
            PendingConnect pending,
            @Nullable ConnectionFacts client) {
        pending.limit(eventLoop, millis(to.service().timeouts().connect()));
        dial(bootstrap, to, connection, pending, client, true);
    }

    private void dial(
            Bootstrap bootstrap,
            Destination to,
            PooledConnection connection,
            PendingConnect pending,
            @Nullable ConnectionFacts client,
            boolean repeats) {
        ChannelFuture made = bootstrap
                .clone()
                .handler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        connection.connection(protocol.install(channel, to, connection, pending));
                    }
                })
                .connect();
        if (repeats && made.isDone() && Descriptors.lackedIn(made.cause())) {
            relief.descriptors(eventLoop, closed -> {
                if (closed) {
                    dial(bootstrap, to, connection, pending, client, false);
                } else {
                    pending.operationComplete(made);
                }
            });
        } else if (made.isDone()) {
            // No channel could be had: such a future belongs to a foreign thread, and the caller is not yet ready to be
            // told.
            eventLoop.execute(() -> pending.operationComplete(made));
        } else {
            if (client != null) {
                made.addListener((ChannelFuture connected) -> name(client, to, connected));
            }
            made.addListener(pending);
        }
    }

    /** Closes idle connections when no descriptor is left for another one. */
    Relief relief() {
        return relief;
    }

    /** Where its channels take their buffers. */
    ByteBufAllocator buffers() {
        return buffers;
    }

    /** Writes the header ahead of everything else, TLS included. */
    private static void name(ConnectionFacts client, Destination to, ChannelFuture connected) {
        if (connected.isSuccess()) {
            Channel channel = connected.channel();
            channel.pipeline()
                    .firstContext()
                    .write(
                            ProxyHeaderWriter.write(
                                    channel.alloc(),
                                    to.service().wire().proxyProtocol(),
                                    client.peer(),
                                    client.local()),
                            channel.voidPromise());
        }
    }

    private static int millis(Duration d) {
        return (int) Math.min(Integer.MAX_VALUE, d.toMillis());
    }
}
