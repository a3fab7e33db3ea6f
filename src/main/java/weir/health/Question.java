package weir.health;

import weir.http.BackendConnection;
import weir.http.ResponseReceiver;

/** What a check asks over a connection of its own, which the check closes. Confined to one event loop. */
interface Question extends ResponseReceiver, BackendConnection.Owner {
    /** Asks; the answer comes as events of the response. */
    void ask(BackendConnection connection);

    @Override
    default void released(BackendConnection connection) {
        // One question per connection.
    }

    @Override
    default void withdrawn(BackendConnection connection) {
        // It is not used again anyway.
    }
}
