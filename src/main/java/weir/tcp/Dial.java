package weir.tcp;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ConnectTimeoutException;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import weir.config.ProxyProtocol;
import weir.config.ServiceConfig;
import weir.http.BackendConnection;
import weir.http.ConnectionFacts;
import weir.proxyprotocol.ProxyHeaderWriter;

/**
 * A session's connection to a backend while it is being made: TCP, the PROXY header where one is due, then TLS where the
 * service speaks it, all within one timeout. Whoever waits is told once. Confined to one event loop.
 */
final class Dial implements ChannelFutureListener, BackendConnection.Handshake {
    private final Waiting waiting;
    private final ChannelHandler session;
    private final ConnectionFacts client;
    private final ServiceConfig.Wire wire;
    private @Nullable ChannelFuture made;
    private @Nullable Future<?> deadline;
    private boolean over;

    /** Who waits for the connection. One of the methods is called, once, unless it is given up. */
    interface Waiting {
        /** Bytes may be sent, none was read. */
        void connected(Channel channel);

        /** There is no connection; what there was of one is closed. */
        void failed(Throwable cause);
    }

    /**
     * A connection that is about to be asked for.
     *
     * @param session what gets the session's bytes: from the start, or as soon as TLS is agreed on
     * @param client whom a PROXY header names
     */
    Dial(Waiting waiting, ChannelHandler session, ConnectionFacts client, ServiceConfig.Wire wire) {
        this.waiting = waiting;
        this.session = session;
        this.client = client;
        this.wire = wire;
    }

    ChannelHandler session() {
        return session;
    }

    /** {@code timer} ends the wait for TLS, null for never. */
    void limit(@Nullable Future<?> timer) {
        deadline = timer;
    }

    /** It is asked for. */
    void started(ChannelFuture future) {
        made = future;
    }

    /** Whether anybody still waits for it. */
    boolean awaited() {
        return !over;
    }

    @Override
    public void operationComplete(ChannelFuture future) {
        if (future.cause() != null) {
            failed(future.cause());
            return;
        }
        if (over) {
            return;
        }
        Channel channel = future.channel();
        ProxyProtocol header = wire.proxyProtocol();
        if (header != ProxyProtocol.OFF) {
            // Past TLS, which begins behind it.
            channel.pipeline()
                    .firstContext()
                    .write(
                            ProxyHeaderWriter.write(channel.alloc(), header, client.peer(), client.local()),
                            channel.voidPromise());
        }
        if (wire.protocol().secure()) {
            channel.closeFuture().addListener(closed -> failed(new IOException("closed by the backend")));
        } else {
            done();
        }
    }

    @Override
    public void done() {
        ChannelFuture future = made;
        if (future != null && end()) {
            if (wire.protocol().secure()) {
                future.channel().pipeline().addLast(session);
            }
            waiting.connected(future.channel());
        }
    }

    @Override
    public void failed(Throwable cause) {
        if (end()) {
            close();
            waiting.failed(cause);
        }
    }

    /** TLS did not come about in time. */
    void late() {
        failed(new ConnectTimeoutException("no handshake in time"));
    }

    /** Nobody waits any more. */
    void abandon() {
        if (end()) {
            close();
        }
    }

    private void close() {
        ChannelFuture future = made;
        if (future != null && future.cause() == null) { // else there is no channel, or a closed one
            future.channel().close();
        }
    }

    private boolean end() {
        if (over) {
            return false;
        }
        over = true;
        Future<?> timer = deadline;
        if (timer != null) {
            timer.cancel(false);
        }
        return true;
    }
}
