package weir.tcp;

import java.time.Duration;
import weir.http.Tick;
import weir.loop.SlowPeer;
import weir.proxy.Loop;
import weir.proxy.ProxyError;

/**
 * The one deadline of a session: for the first bytes where these decide, then for silence in both directions. It is
 * asked at each tick of the loop, and times are as of the last one. Confined to one event loop.
 */
final class SessionDeadline implements Tick.Member {
    /** The clock is up to one tick behind; never fire early. */
    private static final long COARSE_NANOS = Tick.PERIOD_MILLIS * 1_000_000L;

    private final Session session;
    private final Loop loop;
    private Tick tick;
    private long since;
    private long limit;
    private final SlowPeer slow = new SlowPeer();
    private int tickPlace = -1;

    SessionDeadline(Session session, Loop loop) {
        this.session = session;
        this.loop = loop;
        this.tick = loop.tick();
    }

    /** The session begins, and waits for a server name: on the clock for waits on clients. */
    void naming(long nanos) {
        tick = loop.tick().clients();
        set(nanos);
        tick.join(this);
    }

    /** Nothing but the end of the loop counts: connecting has a timer of its own. */
    void pause() {
        limit = 0;
        if (tickPlace >= 0 && tick != loop.tick()) {
            tick.leave(this);
            tick = loop.tick();
            tick.join(this);
        }
    }

    /** Bytes are passed on. */
    void relay(Duration idle) {
        set(idle.toNanos());
    }

    /** A byte moved. */
    void touch() {
        since = tick.now();
    }

    void leave() {
        tick.leave(this);
    }

    private void set(long nanos) {
        limit = nanos > 0 ? nanos + COARSE_NANOS : 0;
        since = tick.now();
    }

    @Override
    public void tick(long nowNanos) {
        try {
            check(nowNanos);
        } catch (RuntimeException | Error bug) {
            session.broke(bug);
        }
    }

    private void check(long nowNanos) {
        session.countIfPending();
        if (loop.expired()) {
            session.fail(ProxyError.SHUTDOWN);
        } else if (limit > 0 && nowNanos - sinceThen(nowNanos) >= limit) {
            session.late();
        }
    }

    /** When the silence began. A peer that reads slowly is not silent. */
    private long sinceThen(long now) {
        Relay both = session.relay();
        if (both != null && slow.asks(now, since, limit)) {
            long acknowledged = SlowPeer.acknowledged(both.backend())
                    + SlowPeer.acknowledged(both.up().from());
            since = slow.silentSince(now, since, limit, acknowledged);
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
