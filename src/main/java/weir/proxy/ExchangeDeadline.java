package weir.proxy;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import weir.config.ServiceConfig;
import weir.http.Tick;

/**
 * The one deadline of an exchange: which silence is being waited for, since when, and how long it may last. Times are
 * {@link System#nanoTime()} as of the loop's last tick. Confined to one event loop.
 */
final class ExchangeDeadline {
    private static final long TUNNEL_CLOSING_NANOS = 10_000_000_000L;

    /** The clock is up to one tick behind; never fire early. */
    private static final long COARSE_NANOS = Tick.PERIOD_MILLIS * 1_000_000L;

    private long requestNanos;
    private long responseNanos;
    private long idleNanos;

    private long begun;
    private long since;
    private long limit;
    private ProxyError error = ProxyError.IDLE_TIMEOUT;

    void clear() {
        requestNanos = 0;
        limit = 0;
    }

    void begin(ServiceConfig.Timeouts timeouts, long now) {
        requestNanos = timeouts.request().toNanos();
        responseNanos = timeouts.responseHeader().toNanos();
        idleNanos = timeouts.idle().toNanos();
        begun = now;
        limit = 0;
    }

    /** Nothing but the limit of the whole request counts: connecting and backing off have timers of their own. */
    void pause() {
        limit = 0;
    }

    /** The request was sent whole: the response head is due. */
    void awaitResponse(long now) {
        set(ProxyError.RESPONSE_TIMEOUT, responseNanos, now);
    }

    /** A body is under way in either direction. */
    void transfer(long now) {
        set(ProxyError.IDLE_TIMEOUT, idleNanos, now);
    }

    /** Bytes are tunnelled; a request is over, so its limit no longer counts. */
    void tunnel(Duration idle, long now) {
        requestNanos = 0;
        set(ProxyError.TUNNEL_IDLE, idle.toNanos(), now);
    }

    /** One side of a tunnel closed: the other has a moment to do the same. */
    void tunnelClosing(long now) {
        set(ProxyError.TUNNEL_IDLE, TUNNEL_CLOSING_NANOS, now);
    }

    /** A byte moved. */
    void touch(long now) {
        since = now;
    }

    /** What has come too late, or null. */
    @Nullable
    ProxyError check(long now) {
        if (limit > 0 && now - since >= limit) {
            return error;
        }
        return requestNanos > 0 && now - begun >= requestNanos ? ProxyError.REQUEST_TIMEOUT : null;
    }

    private void set(ProxyError late, long nanos, long now) {
        error = late;
        limit = nanos > 0 ? nanos + COARSE_NANOS : 0;
        since = now;
    }
}
