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

    /** Whether it is idle and waits for the one client whose login it carries. */
    boolean kept;

    private boolean bound;
    private @Nullable BoundConnections keeper;

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

    IdleConnections home() {
        return home;
    }

    /** It carries the login of one client, which keeps it from now on; or null, and it closes when it has no stream. */
    void bind(@Nullable BoundConnections to) {
        if (bound || closed) {
            return;
        }
        bound = true;
        home.withdraw(this);
        if (to != null && !home.multiplexes()) {
            keeper = to;
            to.add(this);
        }
    }

    void connectFailed() {
        closed(null);
    }

    @Override
    public void released(BackendConnection made) {
        if (closed) {
            return;
        }
        if (bound) {
            BoundConnections by = keeper;
            if (by == null || !by.keep(this)) {
                made.close();
            }
        } else if (idle) {
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
            kept = false;
            if (keeper != null) {
                keeper.remove(this);
            }
            home.gone(this);
        }
    }
}
