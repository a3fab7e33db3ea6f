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

    /** Whether a stream is open. */
    boolean busy();

    /** The owner that was given when the connection was made. */
    Owner owner();

    /** Who keeps the connection: the pool of the loop. */
    interface Owner {
        /**
         * The connection may be used again: the last stream ended well, or there is room for another one. May be said
         * more than once.
         */
        void released(BackendConnection connection);

        /** Although released, the connection takes no stream any more: for now, or because it is about to close. */
        void withdrawn(BackendConnection connection);

        /** The connection is closed, for whatever reason: FIN or a byte while idle, an error, or by us. Once. */
        void closed(BackendConnection connection);
    }

    /** Who waits until the two sides have agreed on how to speak. Only the first call counts. */
    interface Handshake {
        /** Streams may be opened. */
        void done();

        /** They never may: the sides do not agree. The connection is closed by whoever is told. */
        void failed(Throwable cause);
    }
}
