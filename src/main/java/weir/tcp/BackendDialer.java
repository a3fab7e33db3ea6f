package weir.tcp;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import java.net.InetSocketAddress;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import weir.connection.PoolCounters;

/**
 * Opens the connections of sessions to backends, from one event loop; they carry one session each and are never pooled.
 * Confined to that event loop.
 */
final class BackendDialer {
    private final Bootstrap template;
    private final PoolCounters counters;

    BackendDialer(EventLoop eventLoop, ChannelFactory<? extends Channel> channels, PoolCounters counters) {
        this.counters = counters;
        this.template = new Bootstrap()
                .group(eventLoop)
                .channelFactory(channels)
                .disableResolver()
                .option(ChannelOption.TCP_NODELAY, true)
                .option(ChannelOption.ALLOW_HALF_CLOSURE, true)
                // What the backend said before it broke off is still to be read when a write has failed.
                .option(ChannelOption.AUTO_CLOSE, false)
                // Nothing is read before the session is told of its connection.
                .option(ChannelOption.AUTO_READ, false);
    }

    ChannelFuture connect(InetSocketAddress address, Duration timeout, ChannelHandler handler) {
        return template.clone()
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int) Math.min(Integer.MAX_VALUE, timeout.toMillis()))
                .handler(handler)
                .connect(address);
    }

    /** Counts how connecting ended. */
    void count(int loop, @Nullable Throwable cause, boolean timeout) {
        (cause == null ? counters.connected() : timeout ? counters.timedOut() : counters.failed()).increment(loop);
    }
}
