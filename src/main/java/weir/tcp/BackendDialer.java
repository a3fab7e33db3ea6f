package weir.tcp;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import java.util.concurrent.TimeUnit;
import weir.config.ServiceConfig;
import weir.connection.PoolCounters;
import weir.connection.ResetWatchHandler;
import weir.http.Tick;
import weir.loop.Descriptors;
import weir.loop.Relief;
import weir.proxy.Loop;
import weir.service.Endpoint;
import weir.tls.BackendContexts;

/**
 * Opens the connections of sessions to backends, from one event loop; they carry one session each and are never pooled.
 * Confined to that event loop.
 */
final class BackendDialer {
    private final EventLoop eventLoop;
    private final Tick tick;
    private final BackendContexts tls;
    private final Bootstrap template;
    private final PoolCounters counters;
    private final Relief relief;

    BackendDialer(Loop loop, ChannelFactory<? extends Channel> channels, BackendContexts tls, PoolCounters counters) {
        this.eventLoop = loop.eventLoop();
        this.tick = loop.tick();
        this.tls = tls;
        this.counters = counters;
        this.relief = loop.pool().relief();
        this.template = new Bootstrap()
                .group(eventLoop)
                .channelFactory(channels)
                .disableResolver()
                .option(ChannelOption.ALLOCATOR, loop.pool().buffers())
                .option(ChannelOption.ALLOW_HALF_CLOSURE, true)
                // What the backend said before it broke off is still to be read when a write has failed.
                .option(ChannelOption.AUTO_CLOSE, false);
    }

    /** Connects to a backend of that service; {@code dial} is told how it ends, not before this returns. */
    void connect(ServiceConfig service, Endpoint endpoint, Dial dial) {
        int millis =
                (int) Math.min(Integer.MAX_VALUE, service.timeouts().connect().toMillis());
        boolean secure = service.wire().protocol().secure();
        Bootstrap bootstrap = template.clone().option(ChannelOption.CONNECT_TIMEOUT_MILLIS, millis);
        // Nothing of a session is read before it is told of its connection; a handshake comes before that.
        bootstrap.option(ChannelOption.AUTO_READ, secure).handler(new ChannelInitializer<>() {
            @Override
            protected void initChannel(Channel channel) {
                ResetWatchHandler.install(channel, tick);
                if (secure) {
                    int port = endpoint.socketAddress().getPort();
                    tls.install(channel, service.name(), endpoint.host(), port, dial, true);
                } else {
                    channel.pipeline().addLast(dial.session());
                }
            }
        });
        dial.limit(secure && millis > 0 ? eventLoop.schedule(dial::late, millis, TimeUnit.MILLISECONDS) : null);
        connect(bootstrap, endpoint, dial, true);
    }

    private void connect(Bootstrap bootstrap, Endpoint endpoint, Dial dial, boolean repeats) {
        ChannelFuture made = bootstrap.connect(endpoint.socketAddress());
        dial.started(made);
        if (repeats && made.isDone() && Descriptors.lackedIn(made.cause())) {
            relief.descriptors(eventLoop, closed -> {
                if (closed && dial.awaited()) {
                    connect(bootstrap, endpoint, dial, false);
                } else {
                    dial.operationComplete(made);
                }
            });
        } else if (made.isDone()) {
            // No channel could be had: such a future belongs to a foreign thread.
            eventLoop.execute(() -> dial.operationComplete(made));
        } else {
            made.addListener(dial);
        }
    }

    /** Counts a connection. */
    void connected(int loop) {
        counters.connected().increment(loop);
    }

    /** Counts one that was not to be had. */
    void failed(int loop, boolean timeout) {
        (timeout ? counters.timedOut() : counters.failed()).increment(loop);
    }
}
