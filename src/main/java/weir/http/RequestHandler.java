package weir.http;

/** Opens an exchange for each request of a connection. Confined to one event loop. */
public interface RequestHandler {
    /** A request begins on the stream; its first event follows at once. */
    RequestReceiver open(ClientStream stream);

    /** The connection is closed; said by those of HTTP/1.1 only. */
    default void closed() {}

    /** Whether a new request may be read now; asked again at each tick while one waits. */
    default boolean ready() {
        return true;
    }
}
