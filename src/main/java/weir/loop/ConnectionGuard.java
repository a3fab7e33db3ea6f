package weir.loop;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import weir.http.Breakage;
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
    private final AtomicLong lackLoggedAt = new AtomicLong(System.nanoTime() - QUIET_NANOS);

    /** A guard of connections that the log calls so ({@code the connection of}), counted there when they break. */
    public ConnectionGuard(String connection, LoopCounter broken) {
        this.connection = connection;
        this.broken = broken;
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
