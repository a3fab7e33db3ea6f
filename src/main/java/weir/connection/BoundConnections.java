package weir.connection;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import weir.http.BackendConnection;
import weir.service.Backend;
import weir.service.Service;

/**
 * The backend connections that carry the login of one client connection, as NTLM and Negotiate make it (RFC 4559): no
 * other client may be taken for this one, so that the pool never has them again, and they close with the client's
 * connection. Confined to one event loop.
 */
public final class BoundConnections {
    private final List<PooledConnection> all = new ArrayList<>(2);
    private boolean closed;

    /** The backend of that service on which the client has logged in, if it is available and its connection idle. */
    public @Nullable Backend backend(Service service) {
        for (PooledConnection c : all) {
            Backend backend = c.home().backend();
            if (c.kept && c.home().service() == service && backend.available() && !backend.removed()) {
                return backend;
            }
        }
        return null;
    }

    /** The client's idle connection to that backend, or null. */
    public @Nullable BackendConnection acquire(Backend backend) {
        for (int i = 0; i < all.size(); i++) {
            PooledConnection c = all.get(i);
            if (c.kept && c.home().backend() == backend) {
                if (c.home().serves(backend)) {
                    c.kept = false;
                    return c.connection();
                }
                c.connection().close(); // its service speaks otherwise by now
                return null;
            }
        }
        return null;
    }

    void add(PooledConnection c) {
        all.add(c);
    }

    void remove(PooledConnection c) {
        all.remove(c);
    }

    /** Keeps a connection that is idle; false when it should be closed instead. */
    boolean keep(PooledConnection c) {
        c.kept = !closed;
        return c.kept;
    }

    /** Closes those that are idle, and the others with their last response. */
    public void close() {
        closed = true;
        for (PooledConnection c : List.copyOf(all)) {
            if (c.kept) {
                c.connection().close();
            }
        }
    }
}
