package weir.proxy;

import org.jspecify.annotations.Nullable;
import weir.http.RequestHandler;

/**
 * The entrance of requests: gives each client connection its handler and holds the {@link Routing} in force.
 * Thread-safe.
 */
public final class Proxy {
    private volatile Routing routing;

    /** A proxy with its first routing. */
    public Proxy(Routing routing) {
        this.routing = routing;
    }

    /** Puts another routing in force for all requests that begin from now on. */
    public void publish(Routing next) {
        routing = next;
    }

    /** The routing in force. */
    public Routing routing() {
        return routing;
    }

    /** The handler of one client connection that lives on that loop; its first stream tells who the client is. */
    public RequestHandler handler(String listener, Loop loop) {
        return handler(listener, loop, null);
    }

    /** The handler of a client connection that is one too many: it answers every request with 503. */
    public RequestHandler refusing(String listener, Loop loop) {
        return new ClientHandler(this, listener, loop, null, true);
    }

    /** The same, with the value of the Alt-Svc field that its responses get (RFC 7838); null for none. */
    public RequestHandler handler(String listener, Loop loop, byte @Nullable [] alternative) {
        return new ClientHandler(this, listener, loop, alternative, false);
    }
}
