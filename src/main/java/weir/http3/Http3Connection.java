package weir.http3;

import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http3.DefaultHttp3GoAwayFrame;
import io.netty.handler.codec.http3.Http3;
import io.netty.handler.codec.http3.Http3ErrorCode;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicStreamChannel;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import weir.http.ConnectionFacts;
import weir.http.FloodGuard;
import weir.http.HeadPool;
import weir.http.Holding;
import weir.http.IdleClient;
import weir.http.Protocol;
import weir.http.RequestFields;
import weir.http.RequestHandler;
import weir.http.Tick;
import weir.loop.ConnectionGuard;

/**
 * What the streams of one connection share, and when it ends: idle, told to go away, or because its client breaks off
 * too many requests, or sends too much that is no request ({@link FloodGuard}). Confined to one event loop.
 */
final class Http3Connection implements Holding.Holder {
    private static final long GRACE = TimeUnit.SECONDS.toNanos(1);

    /** More than any request has: RFC 9114 section 5.2 begins a graceful end with it. */
    private static final long LAST_ID = (1L << 62) - 4;

    /** The codec remembers a stream whose end it never saw until the connection ends. */
    private static final int MOST_ABANDONED = 1000;

    private static final InetSocketAddress NOBODY = new InetSocketAddress(0);

    private final QuicChannel channel;
    private final RequestHandler requests;
    private final HeadPool heads;
    private final Tick tick;
    private final Http3Limits limits;
    private final BooleanSupplier draining;
    private final RequestFields fields;
    private final Holding holding;
    private final UnreadInput unread;
    private final FloodGuard floods;
    private ConnectionFacts facts;

    private int open;
    private long nextId;
    private long endId = Long.MAX_VALUE;
    private long idleSince;
    private long goneAwaySince;
    private boolean goingAway;
    private int abandoned;
    private boolean flooded;

    Http3Connection(
            QuicChannel channel,
            RequestHandler requests,
            HeadPool heads,
            Tick tick,
            Http3Limits limits,
            BooleanSupplier draining) {
        this.channel = channel;
        this.requests = requests;
        this.heads = heads;
        this.tick = tick;
        this.limits = limits;
        this.draining = draining;
        this.holding = new Holding(heads.budget(), this);
        this.unread = new UnreadInput(channel, holding);
        this.floods = FloodGuard.ofClient(FloodGuard.Role.HTTP3_CLIENT, limits.resets(), tick.now());
        this.fields = new RequestFields(limits.message(), Protocol.HTTP_3);
        this.facts = new ConnectionFacts(NOBODY, NOBODY, null);
        this.idleSince = tick.now();
    }

    RequestHandler requests() {
        return requests;
    }

    Holding holding() {
        return holding;
    }

    /** Bytes sent by the client on paused streams. */
    UnreadInput unread() {
        return unread;
    }

    /** Streams ask before they take more. */
    @Override
    public void regulate() {}

    @Override
    public boolean closeIfIdle() {
        boolean idle = open == 0 && nextId > 0;
        if (idle) {
            close(Http3ErrorCode.H3_NO_ERROR);
        }
        return idle;
    }

    @Override
    public void reset() {
        close(Http3ErrorCode.H3_EXCESSIVE_LOAD);
    }

    HeadPool heads() {
        return heads;
    }

    Tick tick() {
        return tick;
    }

    Http3Limits limits() {
        return limits;
    }

    /** What reads heads and trailers; good for one at a time. */
    RequestFields fields() {
        return fields;
    }

    /** The time of the last tick. */
    long now() {
        return tick.now();
    }

    /** Who is at both ends, and what they agreed on; of a client that moves, where it was last proven to be. */
    ConnectionFacts facts() {
        return facts;
    }

    /** The handshake is done. */
    void established(ConnectionFacts known) {
        facts = known;
        idleSince = tick.now();
    }

    /** The client has another address from now on. */
    void moved(InetSocketAddress to) {
        facts = new ConnectionFacts(to, facts.local(), facts.tls());
    }

    // Streams

    /**
     * Whether a request stream is taken; one behind the last announced is not (RFC 9114 section 5.2), nor one of a client
     * that holds more than its share of memory.
     */
    boolean accepts(long streamId) {
        if (streamId >= endId) {
            count(FloodGuard.Event.LATE_HEADERS);
            return false;
        }
        if (holding.stopped()) {
            return false;
        }
        nextId = Math.max(nextId, streamId + 4);
        return true;
    }

    void opened() {
        open++;
    }

    void closed() {
        if (--open == 0) {
            idleSince = tick.now();
        }
    }

    /** Counts what the client costs, or what it moved on. */
    void count(FloodGuard.Event event) {
        if (floods.count(event) != FloodGuard.Verdict.PASS && !flooded) {
            flooded = true;
            ConnectionGuard.flooded(channel, floods.why(), floods.count());
            close(Http3ErrorCode.H3_EXCESSIVE_LOAD);
        }
    }

    /** A stream ended without the end of the client's direction. */
    void abandoned() {
        abandoned++;
    }

    /** Something of ours failed. */
    void bug(Throwable cause) {
        ConnectionGuard.report(channel, cause);
    }

    /** Since when it has had no request. */
    long idle() {
        return open == 0 ? idleSince : IdleClient.BUSY;
    }

    // The end

    void tick(long now) {
        unread.tick();
        floods.tick(now);
        if (!goingAway && (draining.getAsBoolean() || abandoned > MOST_ABANDONED)) {
            goingAway = true;
            goneAwaySince = now;
            goAway(LAST_ID);
        } else if (goingAway && endId == Long.MAX_VALUE && now - goneAwaySince >= GRACE) {
            endId = nextId;
            goAway(endId);
        }
        boolean over = goingAway && endId != Long.MAX_VALUE;
        if (open == 0 && (over || late(now))) {
            close(Http3ErrorCode.H3_NO_ERROR);
        }
    }

    private boolean late(long now) {
        return limits.message().idleTimeoutNanos() > 0
                && now - idleSince >= limits.message().idleTimeoutNanos();
    }

    private void goAway(long id) {
        QuicStreamChannel control = Http3.getLocalControlStream(channel);
        if (control != null) {
            control.writeAndFlush(new DefaultHttp3GoAwayFrame(id));
        }
    }

    /** Ends the connection at once. */
    void close(Http3ErrorCode code) {
        channel.close(true, code.code(), Unpooled.EMPTY_BUFFER);
    }
}
