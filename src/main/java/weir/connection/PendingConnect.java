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
    private @Nullable ConnectListener listener;

    PendingConnect(PooledConnection connection, ConnectListener listener) {
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
        if (cause != null) {
            connection.connectFailed();
            if (waiting != null) {
                waiting.connectFailed(cause instanceof ConnectTimeoutException, cause);
            }
        } else if (waiting != null) {
            waiting.connected(connection.connection());
        } else {
            connection.released(connection.connection());
        }
    }
}
