package weir.http1;

import io.netty.channel.Channel;
import io.netty.channel.ChannelOutboundBuffer;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import weir.config.LimitsConfig.HalfClosed;
import weir.http.MessageLimits;
import weir.http.Tick;
import weir.loop.SlowPeer;

/**
 * How long a client may keep its connection waiting: for a head, for body bytes, idle, and while the connection is
 * closing. All times in {@link System#nanoTime()}, asked at the loop's tick. Confined to one event loop.
 */
final class ClientPatience {
    private static final long LINGER = TimeUnit.SECONDS.toNanos(2);
    private static final long DRAINING_IDLE = TimeUnit.SECONDS.toNanos(1);

    private final MessageLimits limits;
    private final HalfClosed halfClosed;
    private final Tick tick;
    private final BooleanSupplier draining;
    private long since;
    private long drainingSince;
    private boolean drains;
    private long pending;
    private long bodyNanos;
    private final SlowPeer slow = new SlowPeer();

    /** What is to be done about the client. */
    enum Verdict {
        WAIT,
        REFUSE,
        CLOSE
    }

    /** {@code draining}: idle clients are to go soon. */
    ClientPatience(Http1Limits limits, Tick tick, BooleanSupplier draining) {
        this.limits = limits.message();
        this.halfClosed = limits.halfClosed();
        this.tick = tick;
        this.draining = draining;
        this.since = tick.now();
    }

    /** The connection begins; the tick may be long ago. */
    void begin() {
        since = tick.exactly();
    }

    /** When the wait began. */
    long since() {
        return since;
    }

    /** Something happened: the wait begins anew. */
    void touch() {
        since = tick.now();
    }

    /** The wait for a head, of which some bytes came already. */
    Verdict head(long now) {
        return late(now, limits.headerTimeoutNanos()) ? Verdict.REFUSE : Verdict.WAIT;
    }

    /** The wait for the first byte of a request. */
    Verdict idle(long now, boolean firstRequest, Channel channel) {
        if (sending(now, channel)) {
            return takesNothing(now, channel) ? Verdict.CLOSE : Verdict.WAIT;
        }
        if (!drains && draining.getAsBoolean()) {
            drains = true;
            drainingSince = now;
        }
        boolean drained = drains && now - since >= DRAINING_IDLE && now - drainingSince >= DRAINING_IDLE;
        boolean late = late(now, firstRequest ? limits.headerTimeoutNanos() : limits.idleTimeoutNanos());
        return drained || late ? Verdict.CLOSE : Verdict.WAIT;
    }

    /** A request begins. */
    void beginRequest() {
        touch();
        bodyNanos = limits.bodyTimeoutNanos();
    }

    /** The limit of this request's wait for body bytes. */
    void bodyTimeout(long nanos) {
        bodyNanos = nanos;
    }

    /** The wait for body bytes. */
    Verdict body(long now) {
        return late(now, bodyNanos) ? Verdict.REFUSE : Verdict.WAIT;
    }

    /** The wait for the client to take the answer and to close. */
    Verdict closing(long now, Channel channel) {
        boolean over = sending(now, channel) ? takesNothing(now, channel) : late(now, LINGER);
        return over ? Verdict.CLOSE : Verdict.WAIT;
    }

    /** Whether the client has taken nothing for the idle timeout, not even from its kernel. */
    private boolean takesNothing(long now, Channel channel) {
        long limit = limits.idleTimeoutNanos();
        if (slow.asks(now, since, limit)) {
            since = slow.silentSince(now, since, limit, SlowPeer.acknowledged(channel));
        }
        return late(now, limit);
    }

    /** Whether a client that sends nothing more is still waited for. */
    boolean abandonsHalfClosed() {
        return halfClosed == HalfClosed.ABANDON;
    }

    /** Whether bytes are still on their way to the client; the wait begins anew whenever it took some. */
    private boolean sending(long now, Channel channel) {
        ChannelOutboundBuffer buffer = channel.unsafe().outboundBuffer();
        long bytes = buffer == null ? 0 : buffer.totalPendingWriteBytes();
        if (bytes != pending) {
            pending = bytes;
            since = now;
        }
        return bytes > 0;
    }

    private boolean late(long now, long limit) {
        return limit > 0 && now - since >= limit;
    }
}
