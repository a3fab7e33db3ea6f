package weir.connection;

import io.netty.bootstrap.Bootstrap;
import org.jspecify.annotations.Nullable;
import weir.config.ProxyProtocol;
import weir.config.ServiceConfig;
import weir.metrics.LoopCounter;
import weir.service.Backend;
import weir.service.Service;

/**
 * The connections of one backend on one event loop that can take a request: idle ones, and such of HTTP/2 that have
 * room for another stream. The one used last is used next, so that the others can grow old and close. All speak the
 * same, as the service said when this was made. Confined to one event loop.
 */
final class IdleConnections {
    private final ConnectionPool pool;
    private final Service service;
    private final Backend backend;
    private final Connector connector;
    private final int loop;
    private final PoolCounters counters;
    private final LoopCounter idleCount;
    private ServiceConfig config;
    private @Nullable Bootstrap bootstrap;
    private @Nullable Destination destination;
    private @Nullable PendingConnect joinable;

    private @Nullable PooledConnection newest;
    private @Nullable PooledConnection oldest;
    private int size;
    private boolean shut;

    IdleConnections(
            ConnectionPool pool,
            Service service,
            Backend backend,
            Connector connector,
            int loop,
            PoolCounters counters) {
        this.pool = pool;
        this.service = service;
        this.backend = backend;
        this.connector = connector;
        this.loop = loop;
        this.counters = counters;
        this.idleCount = counters.idle();
        this.config = service.config();
    }

    Backend backend() {
        return backend;
    }

    Service service() {
        return service;
    }

    /** Whether a connection carries the requests of several clients at a time. */
    boolean multiplexes() {
        Destination to = destination;
        return to != null && to.multiplexes();
    }

    int loop() {
        return loop;
    }

    PoolCounters counters() {
        return counters;
    }

    /** Whether these are connections to that backend, and still speak what its service says. */
    boolean serves(Backend of) {
        return of == backend && (config == service.config() || speaksAsBefore());
    }

    private boolean speaksAsBefore() {
        ServiceConfig now = service.config();
        boolean same = now.wire().speaksLike(config.wire());
        if (same) {
            config = now;
            bootstrap = null;
        }
        return same;
    }

    // Connecting

    /** Makes a connection, which was counted. */
    PendingConnect connect(ConnectListener listener) {
        Destination to = destination;
        Bootstrap made = bootstrap;
        if (to == null || made == null || to.endpoint() != backend.endpoint()) {
            to = new Destination(config, backend.endpoint());
            made = connector.bootstrap(
                    backend.socketAddress(), config.timeouts().connect());
            destination = to;
            bootstrap = made;
        }
        PooledConnection connection = new PooledConnection(this);
        PendingConnect pending = new PendingConnect(this, connection, to.handshakes(), listener);
        if (to.multiplexes()) {
            joinable = pending;
        }
        connector.connect(made, to, connection, pending, to.namesClient() ? listener.client() : null);
        return pending;
    }

    /** Waits for the connection on its way, if there is one that will have room. */
    @Nullable
    PendingConnect join(ConnectListener listener) {
        PendingConnect pending = joinable;
        return pending != null && pending.join(listener) ? pending : null;
    }

    /** A connect has ended. */
    void ended(PendingConnect pending) {
        if (joinable == pending) {
            joinable = null;
        }
    }

    /** Those for whom the connection had no room get another one, if it may be made. */
    void connectFor(ConnectListener first, PendingConnect left) {
        if (!shut && backend.tryConnect(config.limits().connectionsPerBackend())) {
            connect(first).takeOver(left);
            return;
        }
        for (ConnectListener next = first; next != null; next = left.next()) {
            next.crowdedOut();
        }
    }

    @Nullable
    PooledConnection poll() {
        PooledConnection c = newest;
        if (c != null) {
            unlink(c);
        }
        return c;
    }

    /** Keeps a connection; false when it should be closed instead. */
    boolean offer(PooledConnection c) {
        ServiceConfig.Pool limits = service.config().pool();
        if (shut
                // It is one client's, and no other may be taken for that one.
                || config.wire().proxyProtocol() != ProxyProtocol.OFF
                || backend.removed()
                || backend.disabled()
                || size >= limits.idlePerLoop()
                || (limits.maxRequests() > 0 && c.connection().requests() >= limits.maxRequests())) {
            return false;
        }
        link(c, now());
        return true;
    }

    /** The time as the pool has it. */
    long now() {
        return pool.now();
    }

    private void link(PooledConnection c, long nowNanos) {
        c.idle = true;
        c.idleSince = nowNanos;
        c.older = newest;
        c.newer = null;
        if (newest != null) {
            newest.newer = c;
        } else {
            oldest = c;
        }
        newest = c;
        size++;
        idleCount.add(loop, 1);
    }

    /** Has a connection not found any more. */
    void withdraw(PooledConnection c) {
        if (c.idle) {
            unlink(c);
        }
    }

    void gone(PooledConnection c) {
        withdraw(c);
        backend.disconnected();
    }

    /** The one that has been idle for the longest time, if it carries nothing; null for none. */
    @Nullable
    PooledConnection oldestIdle() {
        PooledConnection c = oldest;
        while (c != null && c.connection().busy()) {
            c = c.newer;
        }
        return c;
    }

    /** Closes what has been idle for too long, or all when the backend is no longer used. */
    void expire(long nowNanos) {
        long timeout = service.config().pool().idleTimeout().toNanos();
        boolean all = backend.removed() || backend.disabled();
        PooledConnection c = oldest;
        while (c != null && (all || (timeout > 0 && nowNanos - c.idleSince >= timeout))) {
            PooledConnection following = c.newer;
            unlink(c);
            if (all || !c.connection().busy()) {
                c.connection().close();
            } else {
                link(c, nowNanos);
            }
            c = following;
        }
    }

    void shut() {
        shut = true;
        PooledConnection c;
        while ((c = poll()) != null) {
            c.connection().close();
        }
    }

    boolean isEmpty() {
        return size == 0;
    }

    private void unlink(PooledConnection c) {
        if (c.newer != null) {
            c.newer.older = c.older;
        } else {
            newest = c.older;
        }
        if (c.older != null) {
            c.older.newer = c.newer;
        } else {
            oldest = c.newer;
        }
        c.newer = null;
        c.older = null;
        c.idle = false;
        size--;
        idleCount.add(loop, -1);
    }
}
