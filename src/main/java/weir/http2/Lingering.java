package weir.http2;

import java.util.concurrent.TimeUnit;

/**
 * How long a client's stream stays open after its response was sent: until the client has read it, or a second, for a request;
 * five seconds for a WebSocket whose backend has ended it. Confined to one event loop.
 */
final class Lingering {
    private static final long REQUEST_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long TUNNEL_NANOS = TimeUnit.SECONDS.toNanos(5);

    private boolean request;
    private boolean tunnel;
    private long since;

    /** Begins to wait for the end of a request whose response was sent. */
    void ofRequest(long nowNanos) {
        request = true;
        since = nowNanos;
    }

    /** Begins to wait for the client's end of a WebSocket. */
    void ofTunnel(long nowNanos) {
        tunnel = true;
        since = nowNanos;
    }

    /** Stops waiting. */
    void end() {
        request = false;
        tunnel = false;
    }

    /** Whether the response was sent and the request has not ended. */
    boolean awaitsRequestEnd() {
        return request;
    }

    /** Whether the client has had enough time to end its request. */
    boolean requestOverdue(long nowNanos) {
        return request && nowNanos - since >= REQUEST_NANOS;
    }

    /** Whether the client has had enough time to end its WebSocket. */
    boolean tunnelOverdue(long nowNanos) {
        return tunnel && nowNanos - since >= TUNNEL_NANOS;
    }
}
