package weir.proxy;

import weir.config.ServiceConfig;
import weir.http.Tick;
import weir.loop.SlowPeer;

/**
 * The one deadline of an exchange: which silence is being waited for, since when, and how long it may last. It is asked
 * at each tick of the loop, and times are as of the last one. Confined to one event loop.
 */
final class ExchangeDeadline implements Tick.Member {
    private static final long TUNNEL_CLOSING_NANOS = 10_000_000_000L;

    /** The clock is up to one tick behind; never fire early. */
    private static final long COARSE_NANOS = Tick.PERIOD_MILLIS * 1_000_000L;

    private final Exchange exchange;
    private final Loop loop;
    private long requestNanos;
    private long responseNanos;
    private long idleNanos;
    private long tunnelNanos;
    private long lifetimeNanos;

    private long begun;
    private long since;
    private long limit;
    private ProxyError error = ProxyError.IDLE_TIMEOUT;
    private ProxyError whole = ProxyError.REQUEST_TIMEOUT;
    private final SlowPeer slow = new SlowPeer();
    private int tickPlace = -1;

    ExchangeDeadline(Exchange exchange, Loop loop) {
        this.exchange = exchange;
        this.loop = loop;
    }

    /** The exchange begins: there is no limit yet, but it ends with the loop. */
    void join() {
        requestNanos = 0;
        limit = 0;
        loop.tick().join(this);
    }

    /** The exchange is complete. */
    void leave() {
        loop.tick().leave(this);
    }

    /** The limits of a service hold from now on, and that of a gRPC caller, which is 0 for none. */
    void begin(ServiceConfig.Timeouts timeouts, long callNanos) {
        limitWhole(timeouts.request().toNanos(), ProxyError.REQUEST_TIMEOUT);
        if (callNanos > 0 && (requestNanos == 0 || callNanos + COARSE_NANOS < requestNanos)) {
            limitWhole(callNanos, ProxyError.GRPC_DEADLINE);
        }
        responseNanos = timeouts.responseHeader().toNanos();
        idleNanos = timeouts.idle().toNanos();
        tunnelNanos = timeouts.tunnelIdle().toNanos();
        lifetimeNanos = timeouts.tunnelLifetime().toNanos();
        limit = 0;
    }

    /** Nothing but the limit of the whole request counts: connecting and backing off have timers of their own. */
    void pause() {
        limit = 0;
    }

    /** The request was sent whole: the response head is due. */
    void awaitResponse() {
        set(ProxyError.RESPONSE_TIMEOUT, responseNanos);
    }

    /** A body is under way in either direction. */
    void transfer() {
        set(ProxyError.IDLE_TIMEOUT, idleNanos);
    }

    private void limitWhole(long nanos, ProxyError late) {
        whole = late;
        requestNanos = nanos > 0 ? nanos + COARSE_NANOS : 0;
        begun = loop.tick().now();
    }

    /** Bytes are tunnelled; a request is over, so its limit no longer counts, but that of a tunnel does. */
    void tunnel() {
        limitWhole(lifetimeNanos, ProxyError.TUNNEL_LIFETIME);
        set(ProxyError.TUNNEL_IDLE, tunnelNanos);
    }

    /** One side of a tunnel closed: the other has a moment to do the same. */
    void tunnelClosing() {
        set(ProxyError.TUNNEL_IDLE, TUNNEL_CLOSING_NANOS);
    }

    /** A byte moved. */
    void touch() {
        since = loop.tick().now();
    }

    private void set(ProxyError late, long nanos) {
        error = late;
        limit = nanos > 0 ? nanos + COARSE_NANOS : 0;
        since = loop.tick().now();
    }

    @Override
    public void tick(long nowNanos) {
        exchange.tick();
        if (loop.expired()) {
            exchange.late(ProxyError.SHUTDOWN);
        } else if (limit > 0 && nowNanos - sinceThen(nowNanos) >= limit) {
            exchange.late(error);
        } else if (requestNanos > 0 && nowNanos - begun >= requestNanos) {
            exchange.late(whole);
        }
    }

    /** When the silence began. A peer that reads slowly is not silent. */
    private long sinceThen(long now) {
        if (slow.asks(now, since, limit)) {
            since = slow.silentSince(now, since, limit, exchange.acknowledged(error));
        }
        return since;
    }

    @Override
    public int tickPlace() {
        return tickPlace;
    }

    @Override
    public void tickPlace(int place) {
        tickPlace = place;
    }
}
