package weir.connection;

import weir.http.BackendConnection;
import weir.http.ConnectionFacts;

/** Who waits for a connection. Called once, on the event loop of the pool. */
public interface ConnectListener {
    /** Who a connection is for; asked where the service tells that to its backends by the PROXY protocol. */
    ConnectionFacts client();

    /** The connection is there; the listener opens a stream on it now. */
    void connected(BackendConnection connection);

    /** There is none: refused, unreachable, no agreement on how to speak or, with {@code timeout}, not made in time. */
    void connectFailed(boolean timeout, Throwable cause);

    /** Those who waited longer took all the room of the connection, and no other one may be made. */
    void crowdedOut();
}
