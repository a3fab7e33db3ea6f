package weir.connection;

import io.netty.bootstrap.Bootstrap;
import org.jspecify.annotations.Nullable;
import weir.config.ServiceConfig;
import weir.metrics.LoopCounter;
import weir.service.Backend;
import weir.service.Service;

/**
 * The idle connections of one backend on one event loop: the one used last is used next, so that the others can grow
 * old and close. Confined to one event loop.
 */
final class IdleConnections {
    private final Service service;
    private final Backend backend;
    private final int loop;
    private final LoopCounter idleCount;
    private @Nullable Bootstrap bootstrap;
    private @Nullable ServiceConfig bootstrapFor;

    private @Nullable PooledConnection newest;
    private @Nullable PooledConnection oldest;
    private int size;
    private boolean shut;

    IdleConnections(Service service, Backend backend, int loop, LoopCounter idleCount) {
        this.service = service;
        this.backend = backend;
        this.loop = loop;
        this.idleCount = idleCount;
    }

    Service service() {
        return service;
    }

    Backend backend() {
        return backend;
    }

    /** The bootstrap for the settings in force, made when they are new. */
    Bootstrap bootstrap(Connector connector) {
        ServiceConfig config = service.config();
        Bootstrap made = bootstrap;
        if (made == null || bootstrapFor != config) {
            made = connector.bootstrap(
                    backend.socketAddress(), config.timeouts().connect());
            bootstrap = made;
            bootstrapFor = config;
        }
        return made;
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
                || backend.removed()
                || backend.disabled()
                || size >= limits.idlePerLoop()
                || (limits.maxRequests() > 0 && c.connection().requests() >= limits.maxRequests())) {
            return false;
        }
        c.idle = true;
        c.idleSince = System.nanoTime();
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
        return true;
    }

    void gone(PooledConnection c) {
        if (c.idle) {
            unlink(c);
        }
        backend.disconnected();
    }

    /** Closes what has been idle for too long, or all when the backend is no longer used. */
    void expire(long nowNanos) {
        long timeout = service.config().pool().idleTimeout().toNanos();
        boolean all = backend.removed() || backend.disabled();
        PooledConnection c = oldest;
        while (c != null && (all || (timeout > 0 && nowNanos - c.idleSince >= timeout))) {
            PooledConnection following = c.newer;
            unlink(c);
            c.connection().close();
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
