package weir.connection;

import org.jspecify.annotations.Nullable;
import weir.http.BackendConnection;

/** One connection and its place among the idle ones of its backend. Confined to one event loop. */
final class PooledConnection implements BackendConnection.Owner {
    private final IdleConnections home;
    private @Nullable BackendConnection connection;
    private boolean closed;

    // The list of idle connections, most recently used first.
    @Nullable
    PooledConnection newer;

    @Nullable
    PooledConnection older;

    boolean idle;
    long idleSince;

    PooledConnection(IdleConnections home) {
        this.home = home;
    }

    void connection(BackendConnection made) {
        this.connection = made;
    }

    BackendConnection connection() {
        BackendConnection made = connection;
        if (made == null) {
            throw new IllegalStateException("not connected");
        }
        return made;
    }

    /** Closes it, for its descriptor is needed. */
    void evict() {
        home.withdraw(this);
        connection().close();
    }

    void connectFailed() {
        closed(null);
    }

    @Override
    public void released(BackendConnection made) {
        if (closed) {
            return;
        }
        if (idle) {
            idleSince = home.now();
        } else if (!home.offer(this)) {
            made.close();
        }
    }

    @Override
    public void withdrawn(BackendConnection made) {
        home.withdraw(this);
    }

    @Override
    public void closed(@Nullable BackendConnection made) {
        if (!closed) {
            closed = true;
            home.gone(this);
        }
    }
}
