package weir.http2;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslHandler;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import weir.http.FloodGuard;
import weir.http.Holding;
import weir.http.IdleClient;
import weir.http.RequestReceiver;
import weir.http.Tick;
import weir.loop.ConnectionGuard;
import weir.loop.SlowPeer;

/**
 * The life of a client's connection: what is read when, what takes too long, and how it ends. Confined to one event
 * loop.
 *
 * <pre>
 *   OPEN ── draining ▶ ANNOUNCED ── a round trip, or 1 s ▶ LEAVING ── the last stream ends ──▶ CLOSING ▶ closed
 *    │ └────────────────────────────────────────────────────── idle for too long ──────────────▲
 *    └── an error: all streams end ────────────────────────────────────────────────────────────┘
 * </pre>
 *
 * <p>ANNOUNCED: a GOAWAY was sent that still takes every stream; LEAVING: one that takes those begun (RFC 9113 section
 * 6.8). CLOSING: the output is shut, and what comes is thrown away, so that the client can read what was said last.
 */
final class Http2ClientLife implements Holding.Holder {
    private static final long LINGER = TimeUnit.SECONDS.toNanos(2);
    private static final long ROUND_TRIP = TimeUnit.SECONDS.toNanos(1);
    private static final long MOST_DISCARDED = 8L * 1024 * 1024;
    private static final long LEAVING_PING = 0x7765_6972_6c65_6176L;

    /** When the identifiers of streams come to an end. */
    private static final int LAST_STREAMS = Integer.MAX_VALUE - 10_000;

    private final Http2ClientConnection connection;
    private final ChannelHandlerContext context;
    private final Channel channel;
    private final Http2Limits limits;
    private final Tick tick;
    private final BooleanSupplier draining;
    private final FloodGuard floods;
    private final Http2Output output;
    private final ArrayDeque<ByteBuf> waiting = new ArrayDeque<>();

    private State state = State.OPEN;
    private Http2ClientStream[] touched = new Http2ClientStream[8];
    private int touchedCount;
    private boolean inputOver;
    private boolean outputShut;
    private boolean unfinished;
    private long unfinishedSince;
    private int finished;
    private long idleSince;
    private long stateSince;
    private long pending;
    private final SlowPeer slow = new SlowPeer();
    private long discarded;

    private enum State {
        OPEN,
        ANNOUNCED,
        LEAVING,
        CLOSING,
        CLOSED
    }

    Http2ClientLife(Http2ClientConnection connection, ChannelHandlerContext context, Http2ClientTerms terms) {
        this.connection = connection;
        this.context = context;
        this.channel = context.channel();
        this.limits = terms.limits();
        this.tick = terms.tick();
        this.draining = terms.draining();
        this.floods = FloodGuard.ofClient(FloodGuard.Role.HTTP2_CLIENT, limits.resets(), tick.now());
        this.output = new Http2Output(context, connection);
        this.idleSince = tick.now();
    }

    Http2Output output() {
        return output;
    }

    long now() {
        return tick.now();
    }

    /** Whether nothing is read any more. */
    boolean closing() {
        return state.compareTo(State.CLOSING) >= 0;
    }

    /** Whether the client was told that no more streams are taken. */
    boolean goneAway() {
        return state.compareTo(State.LEAVING) >= 0;
    }

    // Reading

    /** Takes a buffer over. */
    void received(ByteBuf in) {
        if (closing()) {
            discarded += in.readableBytes();
            in.release();
            if (discarded > MOST_DISCARDED) {
                close();
            }
        } else if (!waiting.isEmpty() || !connection.requests().ready()) {
            waiting.add(in);
            output.hold(true);
        } else {
            read(in);
        }
    }

    private void read(ByteBuf in) {
        try {
            connection.frames().read(in);
        } finally {
            in.release();
        }
    }

    /** All is read that was at hand. */
    void readComplete() {
        for (int i = 0; i < touchedCount; i++) {
            Http2ClientStream stream = touched[i];
            RequestReceiver to = stream.receiver();
            if (stream.touched(false) && to != null) {
                to.readComplete();
            }
        }
        Arrays.fill(touched, 0, touchedCount, null);
        touchedCount = 0;
        if (!closing()) {
            output.flush();
        }
    }

    /** The stream's receiver had an event and wants to know when there are no more. */
    void touched(Http2ClientStream stream) {
        if (stream.touched(true)) {
            return;
        }
        if (touchedCount == touched.length) {
            touched = Arrays.copyOf(touched, touchedCount * 2);
        }
        touched[touchedCount++] = stream;
    }

    /** The client sends nothing more: requests that are whole are still answered. */
    void inputEnd() {
        inputOver = true;
        if (state == State.CLOSING) {
            closeIfOver();
            return;
        }
        Http2ClientStreams streams = connection.streams();
        for (int i = streams.count() - 1; i >= 0; i--) {
            if (i < streams.count() && !streams.at(i).body().ended()) {
                streams.at(i).gone();
            }
        }
        leave();
    }

    void streamOpened() {
        if (connection.streams().last() > LAST_STREAMS) {
            announce();
        }
    }

    void streamClosed() {
        idleSince = tick.now();
        if (state == State.LEAVING && connection.streams().count() == 0) {
            shut();
        }
    }

    void pingAnswered(long opaque) {
        if (opaque == LEAVING_PING && state == State.ANNOUNCED) {
            leave();
        }
    }

    // Time

    void tick(long now) {
        floods.tick(now);
        if (state == State.CLOSING) {
            if (now - stateSince >= LINGER) {
                close();
            }
            return;
        }
        readWaiting();
        tickStreams(now);
        if (late(now)) {
            connection.heard().headLate();
        } else if (state == State.OPEN && draining.getAsBoolean()) {
            announce();
        } else if (state == State.ANNOUNCED && now - stateSince >= ROUND_TRIP) {
            leave();
        } else if (idle(now)) {
            leave();
        }
    }

    private void readWaiting() {
        if (waiting.isEmpty() || !connection.requests().ready()) {
            return;
        }
        while (!waiting.isEmpty() && !closing()) {
            read(waiting.poll());
        }
        output.hold(!waiting.isEmpty());
        readComplete();
    }

    private void tickStreams(long now) {
        Http2ClientStreams streams = connection.streams();
        for (int i = streams.count() - 1; i >= 0; i--) {
            if (i < streams.count()) {
                Http2ClientStream stream = streams.at(i);
                stream.response().unpin();
                stream.tick(now);
                if (inputOver && stream.response().stuck()) {
                    stream.gone(); // no window update can come any more
                    connection.flushSoon();
                } else if (stream.response().late(now, limits.message().idleTimeoutNanos())) {
                    stream.close(Http2Error.CANCEL);
                    connection.flushSoon();
                } else if (stream.bodyLate(now)) {
                    stream.tooSlow();
                }
            }
        }
    }

    /**
     * Whether preface and settings, one header block, or one other frame than DATA, takes too long. A client that always has
     * some frame under way, another one each time, is not late.
     */
    private boolean late(long now) {
        boolean before = unfinished;
        Http2ClientFrames frames = connection.frames();
        unfinished = !frames.settled() || frames.unfinished();
        if (!before || !unfinished || frames.finished() != finished) {
            finished = frames.finished();
            unfinishedSince = now;
        }
        long limit = limits.message().headerTimeoutNanos();
        return unfinished && !goneAway() && limit > 0 && now - unfinishedSince >= limit;
    }

    private boolean idle(long now) {
        long bytes = output.pending();
        if (bytes != pending || (connection.streams().count() > 0 && bytes == 0)) {
            pending = bytes;
            idleSince = now;
        }
        long limit = limits.message().idleTimeoutNanos();
        if (bytes > 0 && slow.asks(now, idleSince, limit)) {
            idleSince = slow.silentSince(now, idleSince, limit, connection.acknowledged());
        }
        return limit > 0 && !unfinished && now - idleSince >= limit;
    }

    /** Since when there has been no stream; of a connection that is ending, or sends, never. */
    long idleSince() {
        boolean idle = state == State.OPEN && connection.streams().count() == 0 && waiting.isEmpty();
        return idle && output.pending() == 0 ? idleSince : IdleClient.BUSY;
    }

    // The end

    /** Says good-bye and closes at once, for its descriptor is needed. */
    void evict() {
        connection.frames().stop();
        to(State.CLOSING);
        connection.writer().goAway(connection.streams().last(), Http2Error.NO_ERROR);
        connection.writer().flush();
        close();
    }

    private void announce() {
        if (state == State.OPEN) {
            to(State.ANNOUNCED);
            connection.writer().goAway(Integer.MAX_VALUE, Http2Error.NO_ERROR);
            connection.writer().ping(LEAVING_PING, false);
            connection.flushSoon();
        }
    }

    /** Takes no more streams; closes when those that are open have ended. */
    void leave() {
        if (state.compareTo(State.LEAVING) < 0) {
            to(State.LEAVING);
            connection.writer().goAway(connection.streams().last(), Http2Error.NO_ERROR);
            connection.flushSoon();
        }
        if (connection.streams().count() == 0) {
            shut();
        }
    }

    /** Counts what the client costs, or what it moved on. */
    void count(FloodGuard.Event event) {
        if (floods.count(event) != FloodGuard.Verdict.PASS) {
            flooded(floods.why(), floods.count());
        }
    }

    /** Ends the connection because of so many frames, or requests, within a period. */
    void flooded(String why, int count) {
        if (!closing()) {
            ConnectionGuard.flooded(channel, why, count);
            fail(Http2Error.ENHANCE_YOUR_CALM);
        }
    }

    /** Ends the connection because of an error; streams that were answered keep what was sent. */
    void fail(int error) {
        if (closing()) {
            return;
        }
        connection.frames().stop();
        to(State.CLOSING);
        connection.writer().goAway(connection.streams().last(), error);
        endStreams();
        shutOutput();
    }

    private void endStreams() {
        Http2ClientStreams streams = connection.streams();
        for (int i = streams.count() - 1; i >= 0; i--) {
            if (i < streams.count()) {
                streams.at(i).gone();
            }
        }
    }

    private void shut() {
        if (!closing()) {
            connection.frames().stop();
            to(State.CLOSING);
            shutOutput();
        }
    }

    private void shutOutput() {
        while (!waiting.isEmpty()) {
            waiting.poll().release();
        }
        connection.writer().flush();
        output.stop();
        output.regulate();
        context.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener((ChannelFuture sent) -> flushed(sent));
    }

    private void flushed(ChannelFuture sent) {
        outputShut = true;
        if (!sent.isSuccess() || inputOver || !(channel instanceof DuplexChannel duplex)) {
            close();
            return;
        }
        SslHandler tls = channel.pipeline().get(SslHandler.class);
        if (tls == null) {
            duplex.shutdownOutput();
        } else {
            // Without a close_notify the peer would take it for an attack (RFC 8446 section 6.1).
            tls.closeOutbound().addListener(notified -> duplex.shutdownOutput());
        }
    }

    private void closeIfOver() {
        if (outputShut) {
            close();
        }
    }

    private void close() {
        context.close();
    }

    /** The channel is closed. */
    void gone() {
        if (state == State.CLOSED) {
            return;
        }
        connection.frames().stop();
        to(State.CLOSED);
        while (!waiting.isEmpty()) {
            waiting.poll().release();
        }
        output.stop();
        endStreams();
    }

    // Memory

    @Override
    public void regulate() {
        if (connection.holding().stopped() || closing()) {
            return; // streams ask before they take more
        }
        Http2ClientStreams streams = connection.streams();
        for (int i = streams.count() - 1; i >= 0; i--) {
            if (i < streams.count()) {
                RequestReceiver to = streams.at(i).receiver();
                if (to != null && streams.at(i).writable()) {
                    to.writable();
                }
            }
        }
    }

    @Override
    public boolean closeIfIdle() {
        boolean idle = state == State.OPEN
                && connection.streams().last() > 0
                && connection.streams().count() == 0;
        if (idle) {
            leave();
        }
        return idle;
    }

    @Override
    public void reset() {
        connection.frames().stop();
        to(State.CLOSED);
        while (!waiting.isEmpty()) {
            waiting.poll().release();
        }
        output.stop();
        Http2ClientStreams streams = connection.streams();
        for (int i = streams.count() - 1; i >= 0; i--) {
            if (i < streams.count()) {
                streams.at(i).shed();
            }
        }
        channel.config().setOption(ChannelOption.SO_LINGER, 0);
        ConnectionGuard.closeNow(channel);
    }

    /** Reading or writing failed, or there is a bug. */
    void broke(Throwable cause) {
        ConnectionGuard.report(channel, cause);
        gone();
        close();
    }

    private void to(State next) {
        state = next;
        stateSince = tick.now();
    }
}
