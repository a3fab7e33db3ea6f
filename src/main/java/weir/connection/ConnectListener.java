package weir.connection;

import weir.http.BackendConnection;

/** Who waits for a connection. Called once, on the event loop of the pool. */
public interface ConnectListener {
    /** The connection is there; the listener opens a stream on it now. */
    void connected(BackendConnection connection);

    /** There is none: refused, unreachable or, with {@code timeout}, not made in time. */
    void connectFailed(boolean timeout, Throwable cause);
}
