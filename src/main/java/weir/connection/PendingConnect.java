package weir.connection;

import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ConnectTimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * A connection on its way. Who no longer waits {@linkplain #cancel cancels}; the connection is then pooled for the next
 * request. Confined to one event loop.
 */
public final class PendingConnect implements ChannelFutureListener {
    private final PooledConnection connection;
    private final PoolCounters counters;
    private final int loop;
    private @Nullable ConnectListener listener;

    PendingConnect(PooledConnection connection, ConnectListener listener, PoolCounters counters, int loop) {
        this.counters = counters;
        this.loop = loop;
        this.connection = connection;
        this.listener = listener;
    }

    /** Nobody waits any more. */
    public void cancel() {
        listener = null;
    }

    @Override
    public void operationComplete(ChannelFuture future) {
        ConnectListener waiting = listener;
        listener = null;
        Throwable cause = future.cause();
        boolean timeout = cause instanceof ConnectTimeoutException;
        (cause == null ? counters.connected() : timeout ? counters.timedOut() : counters.failed()).increment(loop);
        if (cause != null) {
            connection.connectFailed();
            if (waiting != null) {
                waiting.connectFailed(timeout, cause);
            }
        } else if (waiting != null) {
            waiting.connected(connection.connection());
        } else {
            connection.released(connection.connection());
        }
    }
}
