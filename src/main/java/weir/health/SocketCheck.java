package weir.health;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.net.NoRouteToHostException;
import java.net.SocketAddress;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import weir.config.FailureText;
import weir.config.ProxyProtocol;
import weir.config.ServiceConfig.HealthCheck;
import weir.loop.Descriptors;
import weir.proxyprotocol.ProxyHeaderWriter;
import weir.service.DurationText;

/**
 * One check over one connection, with one deadline for all of it. Tells its result once and closes the connection.
 * Confined to one event loop.
 */
final class SocketCheck implements Probe.Running {
    private final EventLoop loop;
    private final HealthCheck settings;
    private final ProxyProtocol header;
    private final Probe.Result result;
    private @Nullable Channel channel;
    private @Nullable Future<?> deadline;
    private boolean ended;

    /** A check whose connection begins with that PROXY header. */
    SocketCheck(EventLoop loop, HealthCheck settings, ProxyProtocol header, Probe.Result result) {
        this.header = header;
        this.loop = loop;
        this.settings = settings;
        this.result = result;
    }

    /** Connects and then goes on with {@code connected}, behind a PROXY header that names nobody where one is due. */
    void connect(Bootstrap bootstrap, SocketAddress address, Runnable connected) {
        deadline = loop.schedule(
                () -> failed("timeout after " + DurationText.of(settings.timeout())),
                settings.timeout().toNanos(),
                TimeUnit.NANOSECONDS);
        ChannelFuture connect = bootstrap.connect(address);
        if (connect.isDone() && !connect.isSuccess()) {
            // There is no channel, only one that stands for it and can do nothing, not even close.
            loop.execute(() -> unmade(connect.cause()));
            return;
        }
        channel = connect.channel();
        if (header != ProxyProtocol.OFF) {
            connect.addListener(this::greet); // at once, so that nothing is written before
        }
        // As a task of its own, so that nobody is told before connect has returned.
        connect.addListener(future -> loop.execute(() -> {
            if (ended) {
                return;
            }
            if (future.isSuccess()) {
                connected.run();
            } else {
                failed(text(future.cause()));
            }
        }));
    }

    private void unmade(Throwable cause) {
        if (Descriptors.lackedIn(cause)) {
            if (end()) {
                result.impossible(text(cause));
            }
        } else {
            failed(text(cause));
        }
    }

    private void greet(Future<? super Void> connected) {
        Channel on = channel;
        if (connected.isSuccess() && on != null) {
            on.pipeline().firstContext().writeAndFlush(ProxyHeaderWriter.write(on.alloc(), header, null, null));
        }
    }

    void passed() {
        if (end()) {
            result.passed();
        }
    }

    void failed(String why) {
        if (end()) {
            result.failed(why);
        }
    }

    @Override
    public void cancel() {
        end();
    }

    private boolean end() {
        if (ended) {
            return false;
        }
        ended = true;
        if (deadline != null) {
            deadline.cancel(false);
        }
        if (channel != null) {
            channel.close();
        }
        return true;
    }

    private static String text(Throwable cause) {
        String message = String.valueOf(cause.getMessage()).toLowerCase(Locale.ROOT);
        if (message.contains("refused")) {
            return "connection refused";
        }
        if (cause instanceof NoRouteToHostException || message.contains("unreachable")) {
            return "no route to host";
        }
        return "cannot connect: " + FailureText.of(cause);
    }
}
