package weir.http;

/**
 * One connection to a backend. HTTP/1.1 carries one stream at a time, HTTP/2 many. Confined to one event loop.
 */
public interface BackendConnection {
    /** Opens a stream; only while the connection is idle (HTTP/1.1) or has room. */
    BackendStream open(ResponseReceiver receiver);

    /** Requests sent so far. */
    int requests();

    /** Closes: at once while no stream is open, else with the last one. The owner is told by {@link Owner#closed}. */
    void close();

    /** Who keeps the connection: the pool of the loop. */
    interface Owner {
        /**
         * The connection may be used again: the last stream ended well, or there is room for another one. May be said
         * more than once.
         */
        void released(BackendConnection connection);

        /** The connection is closed, for whatever reason: FIN or a byte while idle, an error, or by us. Once. */
        void closed(BackendConnection connection);
    }
}
