package weir.connection;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ConnectTimeoutException;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import weir.http.BackendConnection;
import weir.loop.Descriptors;

/**
 * A connection on its way: TCP and, where both sides must agree first, the handshake, all within one timeout. Who no
 * longer waits {@linkplain #cancel cancels}; a connection nobody waits for is pooled for the next request. Several may
 * wait for one that carries several requests. Confined to one event loop.
 */
public final class PendingConnect implements ChannelFutureListener, BackendConnection.Handshake {
    /** How many wait for one connection before another one is made: what backends are advised to allow at least. */
    private static final int MOST_WAITING = 100;

    private final IdleConnections home;
    private final PooledConnection connection;
    private final boolean handshakes;
    private @Nullable ConnectListener first;
    private @Nullable ArrayDeque<ConnectListener> others;
    private @Nullable Channel channel;
    private @Nullable Future<?> deadline;
    private boolean done;

    PendingConnect(IdleConnections home, PooledConnection connection, boolean handshakes, ConnectListener first) {
        this.home = home;
        this.connection = connection;
        this.handshakes = handshakes;
        this.first = first;
    }

    /** That listener does not wait any more. */
    public void cancel(ConnectListener listener) {
        if (first == listener) {
            first = null;
        } else if (others != null) {
            others.remove(listener);
        }
    }

    /** Waits with the others, if they are not too many. */
    boolean join(ConnectListener listener) {
        if (first == null) {
            first = listener;
            return true;
        }
        if (others == null) {
            others = new ArrayDeque<>();
        }
        return others.size() < MOST_WAITING - 1 && others.add(listener);
    }

    /** Those who wait for the other connection wait for this one from now on, however many they are. */
    void takeOver(PendingConnect other) {
        if (other.others != null && others == null) {
            others = other.others;
            other.others = null;
        }
    }

    @Override
    public void operationComplete(ChannelFuture connected) {
        Throwable cause = connected.cause();
        if (cause != null) {
            failed(cause);
        } else if (!handshakes) {
            done();
        } else if (!done) {
            channel = connected.channel();
            connected.channel().closeFuture().addListener(closed -> failed(new IOException("closed by the backend")));
        }
    }

    /** Gives up when the handshake has not ended by then. */
    void limit(EventLoop loop, long millis) {
        if (handshakes && millis > 0) {
            deadline = loop.schedule(
                    () -> failed(new ConnectTimeoutException("no handshake in time")), millis, TimeUnit.MILLISECONDS);
        }
    }

    @Override
    public void done() {
        if (!ends()) {
            return;
        }
        home.counters().connected().increment(home.loop());
        ConnectListener next = next();
        if (next == null) {
            connection.released(connection.connection());
            return;
        }
        next.connected(connection.connection());
        while ((next = next()) != null) {
            PooledConnection room = home.poll();
            if (room == null) {
                home.connectFor(next, this);
                return;
            }
            next.connected(room.connection());
        }
    }

    @Override
    public void failed(Throwable cause) {
        if (!ends()) {
            return;
        }
        boolean timeout = cause instanceof ConnectTimeoutException;
        PoolCounters counters = home.counters();
        if (!Descriptors.lackedIn(cause)) {
            (timeout ? counters.timedOut() : counters.failed()).increment(home.loop());
        }
        connection.connectFailed();
        Channel made = channel;
        if (made != null) {
            made.close();
        }
        for (ConnectListener next = next(); next != null; next = next()) {
            next.connectFailed(timeout, cause);
        }
    }

    /** Takes out who has waited for the longest time, or null. */
    @Nullable
    ConnectListener next() {
        ConnectListener next = first;
        first = null;
        return next != null || others == null ? next : others.poll();
    }

    private boolean ends() {
        if (done) {
            return false;
        }
        done = true;
        home.ended(this);
        Future<?> timer = deadline;
        if (timer != null) {
            timer.cancel(false);
        }
        return true;
    }
}
