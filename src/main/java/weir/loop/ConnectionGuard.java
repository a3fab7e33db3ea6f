package weir.loop;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.quic.QuicChannel;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import weir.http.Breakage;
import weir.http.FloodGuard;
import weir.metrics.LoopCounter;

/**
 * The owner of a connection that an exception broke: stands last in every pipeline, closes what an exception reaches it
 * on, counts it and logs it in one line. So no step before, between or after exchanges leaves a connection behind that
 * nobody answers and nobody ends. Costs a connection that is not broken nothing, as it has no other events. Thread-safe.
 */
@ChannelHandler.Sharable
public final class ConnectionGuard extends ChannelInboundHandlerAdapter {
    private static final Logger LOG = LoggerFactory.getLogger(ConnectionGuard.class);
    private static final String NAME = "guard";
    private static final long QUIET_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final String connection;
    private final LoopCounter broken;
    private final @Nullable LoopCounter flooded;
    private final AtomicLong lackLoggedAt = new AtomicLong(System.nanoTime() - QUIET_NANOS);

    /** A guard of connections that the log calls so ({@code the connection of}), counted there when they break. */
    public ConnectionGuard(String connection, LoopCounter broken) {
        this(connection, broken, null);
    }

    /** The same, with a counter of the connections that are closed because of a flood. */
    public ConnectionGuard(String connection, LoopCounter broken, @Nullable LoopCounter flooded) {
        this.connection = connection;
        this.broken = broken;
        this.flooded = flooded;
    }

    /** Guards a channel from now on. */
    public void install(Channel channel) {
        channel.pipeline().addLast(NAME, this);
    }

    /** Adds a handler behind all others but the guard, if there is one. */
    public static void add(Channel channel, @Nullable String name, ChannelHandler handler) {
        ChannelPipeline pipeline = channel.pipeline();
        if (pipeline.context(NAME) == null) {
            pipeline.addLast(name, handler);
        } else {
            pipeline.addBefore(NAME, name, handler);
        }
    }

    /** Adds a handler behind all others but the guard, if there is one. */
    public static void add(Channel channel, ChannelHandler handler) {
        add(channel, null, handler);
    }

    /** Counts and logs what broke a connection, for whoever closes it in its own way. Failures of the network are none. */
    public static void report(Channel channel, Throwable cause) {
        if (cause instanceof IOException) {
            return;
        }
        for (Channel at = channel; at != null; at = at.parent()) {
            if (at.pipeline().get(NAME) instanceof ConnectionGuard guard) {
                guard.broke(at, cause);
                return;
            }
        }
        log("the connection with", channel, cause);
    }

    /**
     * Counts and logs in one line that a connection is closed because of a flood.
     *
     * @param why what the log calls the flood
     * @param count how many of its events came within a period
     */
    public static void flooded(Channel channel, String why, int count) {
        for (Channel at = channel; at != null; at = at.parent()) {
            if (at.pipeline().get(NAME) instanceof ConnectionGuard guard) {
                if (guard.flooded != null) {
                    guard.flooded.inc();
                }
                logFlood(guard.connection, channel, why, count);
                return;
            }
        }
        logFlood("the connection with", channel, why, count);
    }

    private static void logFlood(String connection, Channel channel, String why, int count) {
        LOG.warn(
                "{} {} is closed: {}, {} within {} s",
                connection,
                remote(channel),
                why,
                count,
                FloodGuard.PERIOD_SECONDS);
    }

    /** The address of the peer; of QUIC, whose channel names a connection, that of its packets. */
    private static @Nullable Object remote(Channel channel) {
        return channel instanceof QuicChannel quic ? quic.remoteSocketAddress() : channel.remoteAddress();
    }

    private void broke(Channel channel, Throwable cause) {
        broken.inc();
        if (!Breakage.isLackOfMemory(cause)) {
            log(connection, channel, cause);
            return;
        }
        long now = System.nanoTime();
        long last = lackLoggedAt.get();
        if (now - last >= QUIET_NANOS && lackLoggedAt.compareAndSet(last, now)) {
            LOG.warn("{} {} is closed for lack of memory: {}", connection, channel.remoteAddress(), cause.getMessage());
        }
    }

    private static void log(String connection, Channel channel, Throwable cause) {
        LOG.error("a bug broke {} {}: {}", connection, channel.remoteAddress(), Breakage.text(cause));
        LOG.debug("the whole of it", cause);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        try {
            report(ctx.channel(), cause);
        } finally {
            closeNow(ctx.channel());
        }
    }

    /** Closes beneath TLS, which would first wait for a client to take its last words. */
    public static void closeNow(Channel channel) {
        ChannelHandlerContext first = channel.pipeline().firstContext();
        if (first == null) {
            channel.close();
        } else {
            first.close();
        }
    }
}
