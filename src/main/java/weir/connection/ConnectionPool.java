package weir.connection;

import io.netty.buffer.ByteBufAllocator;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import weir.http.BackendConnection;
import weir.http.Tick;
import weir.loop.Relief;
import weir.service.Backend;
import weir.service.Service;

/**
 * The backend connections of one event loop, used again last in, first out. Finding the idle connections of a backend
 * is an array access. Confined to one event loop.
 */
public final class ConnectionPool implements Tick.Member {
    private static final long SWEEP_NANOS = 500_000_000L;

    private final Connector connector;
    private final int loop;
    private final PoolCounters counters;
    private @Nullable IdleConnections[] byNumber = new IdleConnections[64];
    private long nextSweep;
    private long now = System.nanoTime();
    private int tickPlace = -1;
    private boolean closed;

    /** The pool of loop number {@code loop}. */
    public ConnectionPool(Connector connector, int loop, PoolCounters counters) {
        this.connector = connector;
        this.loop = loop;
        this.counters = counters;
    }

    /** An idle connection to that backend, or null. */
    public @Nullable BackendConnection acquireNow(Service service, Backend backend) {
        PooledConnection c = of(service, backend).poll();
        return c == null ? null : c.connection();
    }

    /**
     * The connection carries the login of one client: it is for {@code client} alone from now on; null for nobody, and it
     * closes when its streams have ended.
     */
    public void bind(BackendConnection connection, @Nullable BoundConnections client) {
        if (connection.owner() instanceof PooledConnection c) {
            c.bind(client);
        }
    }

    /**
     * Makes a connection. The caller has counted it with {@link Backend#tryConnect}; the pool counts it out when it
     * closes or cannot be made.
     */
    public PendingConnect connect(Service service, Backend backend, ConnectListener listener) {
        return of(service, backend).connect(listener);
    }

    /**
     * Waits with others for a connection on its way that will carry several streams; null when there is none, or too
     * many wait for it. The caller has counted nothing.
     */
    public @Nullable PendingConnect join(Service service, Backend backend, ConnectListener listener) {
        return of(service, backend).join(listener);
    }

    private IdleConnections of(Service service, Backend backend) {
        int number = backend.number();
        if (number >= byNumber.length) {
            byNumber = Arrays.copyOf(byNumber, Math.max(number + 1, byNumber.length * 2));
        }
        IdleConnections home = byNumber[number];
        return home != null && home.serves(backend) ? home : replace(home, service, backend);
    }

    /** Connections to another backend of that number, or of a service that spoke otherwise, are of no use any more. */
    private IdleConnections replace(@Nullable IdleConnections old, Service service, Backend backend) {
        if (old != null) {
            old.shut();
        }
        IdleConnections home = new IdleConnections(this, service, backend, connector, loop, counters);
        if (closed) {
            home.shut();
        }
        byNumber[backend.number()] = home;
        return home;
    }

    @Override
    public void tick(long nowNanos) {
        now = nowNanos;
        if (nowNanos - nextSweep < 0) {
            return;
        }
        nextSweep = nowNanos + SWEEP_NANOS;
        for (int i = 0; i < byNumber.length; i++) {
            IdleConnections home = byNumber[i];
            if (home != null) {
                home.expire(nowNanos);
                if (home.backend().removed() && home.isEmpty()) {
                    byNumber[i] = null;
                }
            }
        }
    }

    /** Closes the connection that has been idle for the longest time; false when none is. O(backends). */
    public boolean evictIdle() {
        PooledConnection oldest = null;
        for (IdleConnections home : byNumber) {
            PooledConnection one = home == null ? null : home.oldestIdle();
            if (one != null && (oldest == null || one.idleSince - oldest.idleSince < 0)) {
                oldest = one;
            }
        }
        if (oldest == null) {
            return false;
        }
        oldest.evict();
        return true;
    }

    /** {@link System#nanoTime()} as of the last tick: a connection may look idle for as long before it is. */
    long now() {
        return now;
    }

    /** Closes every idle connection and keeps none from now on. */
    public void close() {
        closed = true;
        for (IdleConnections home : byNumber) {
            if (home != null) {
                home.shut();
            }
        }
    }

    /** Closes idle connections when no descriptor is left for another one. */
    public Relief relief() {
        return connector.relief();
    }

    /** Where the connections of this loop take their buffers. */
    public ByteBufAllocator buffers() {
        return connector.buffers();
    }

    /** Whether {@link #close} was called. */
    public boolean closed() {
        return closed;
    }

    @Override
    public int tickPlace() {
        return tickPlace;
    }

    @Override
    public void tickPlace(int place) {
        tickPlace = place;
    }
}
