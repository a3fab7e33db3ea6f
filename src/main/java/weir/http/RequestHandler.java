package weir.http;

/** Opens an exchange for each request of a connection. Confined to one event loop. */
@FunctionalInterface
public interface RequestHandler {
    /** A request begins on the stream; its first event follows at once. */
    RequestReceiver open(ClientStream stream);
}
