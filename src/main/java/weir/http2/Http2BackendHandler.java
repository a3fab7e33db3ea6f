package weir.http2;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import java.io.IOException;
import java.util.ArrayList;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import weir.http.BackendConnection;
import weir.http.BackendFailure;
import weir.http.BackendStream;
import weir.http.ByteBudget;
import weir.http.FloodGuard;
import weir.http.HeadPool;
import weir.http.ResponseReceiver;
import weir.loop.ConnectionGuard;

/**
 * A connection to an HTTP/2 backend: many attempts at the same time, each on a {@link BackendStream} of its own. Forwards
 * the channel's events: {@link BackendFrames} says what frames mean, {@link BackendStreams} has the streams. It is
 * released to its owner whenever there is room for another stream, and withdrawn when there is none, or it is about to
 * end. Confined to one event loop.
 */
public final class Http2BackendHandler extends ChannelInboundHandlerAdapter
        implements BackendConnection, ByteBudget.Brake {
    private static final Logger log = LoggerFactory.getLogger(Http2BackendHandler.class);
    private static final int ENABLE_PUSH = 2;
    private static final int INITIAL_WINDOW_SIZE = 4;
    private static final int MAX_HEADER_LIST_SIZE = 6;
    private static final int MOST_HEAD_BYTES = 16 * 1024 * 1024;

    private final Owner owner;
    private final Handshake handshake;
    private final HeadPool heads;
    private final int headLimit;
    private final BackendStreams streams = new BackendStreams();
    private final BackendSettings peer = new BackendSettings(streams);
    private final RequestBlock requestBlock;
    private final BackendFrames frames;
    private final FrameReader reader;
    private final WindowGrowth growth = new WindowGrowth();
    private final AnsweredStreams answered = new AnsweredStreams();
    private final ArrayList<StreamResponse> touched = new ArrayList<>();
    private final Runnable flush = this::flushNow;

    // Set when the handler is added.
    private ChannelHandlerContext context;
    private BackendFrameWriter writer;
    private BackendLiveness liveness;
    private FloodGuard floods;

    private int open;
    private int requests;
    private boolean greeted;
    private boolean settled;
    private boolean agreed;
    private boolean closing;
    private boolean closed;
    private boolean reading;
    private boolean flushScheduled;

    /**
     * A handler whose connection belongs to {@code owner}. {@code handshake} is told once the backend's settings came,
     * which is when it is certain that HTTP/2 is spoken. Response heads have at most so many bytes.
     *
     * @param secure whether the connection is over TLS
     */
    public Http2BackendHandler(
            Owner owner, Handshake handshake, HeadPool heads, int responseHeadLimit, boolean secure) {
        this.owner = owner;
        this.handshake = handshake;
        this.heads = heads;
        this.headLimit = responseHeadLimit <= 0 ? MOST_HEAD_BYTES : Math.min(responseHeadLimit, MOST_HEAD_BYTES);
        this.requestBlock = new RequestBlock(secure);
        this.frames = new BackendFrames(this, headLimit);
        this.reader = new FrameReader(frames);
    }

    // For the owner

    @Override
    public BackendStream open(ResponseReceiver to) {
        if (room() <= 0) {
            throw new IllegalStateException("the connection is full or closing");
        }
        resetAnswered(); // those still count for the backend
        Http2BackendStream stream = new Http2BackendStream(this, to, requests > 0);
        open++;
        requests++;
        offer();
        return stream;
    }

    private int room() {
        return closing || !settled || streams.exhausted() ? 0 : peer.mostStreams() - open;
    }

    /** Tells the owner what has become of the room for another stream. */
    private void offer() {
        if (room() > 0) {
            owner.released(this);
        } else {
            owner.withdrawn(this);
        }
    }

    @Override
    public int requests() {
        return requests;
    }

    @Override
    public Owner owner() {
        return owner;
    }

    @Override
    public boolean busy() {
        return open > 0;
    }

    @Override
    public void close() {
        closing = true;
        if (open == 0) {
            shut(Http2Error.NO_ERROR);
        } else {
            offer();
        }
    }

    // For the streams

    BackendStreams streams() {
        return streams;
    }

    WindowGrowth growth() {
        return growth;
    }

    /** Sends a PING that measures a round trip, if one is due. */
    void measureRoundTrip() {
        if (growth.asks(now())) {
            writer().ping(WindowGrowth.PING, false);
        }
    }

    /** The backend acknowledged a PING. */
    void pingAnswered(long opaque) {
        if (opaque == WindowGrowth.PING) {
            growth.answered(now());
        } else {
            liveness().answered();
        }
    }

    private long now() {
        return context.executor().ticker().nanoTime();
    }

    BackendFrameWriter writer() {
        return writer;
    }

    RequestBlock requestBlock() {
        return requestBlock;
    }

    HeadPool heads() {
        return heads;
    }

    BackendSettings peer() {
        return peer;
    }

    BackendLiveness liveness() {
        return liveness;
    }

    ByteBufAllocator alloc() {
        return context.alloc();
    }

    boolean extendedConnect() {
        return peer.extendedConnect();
    }

    boolean channelWritable() {
        return context.channel().isWritable();
    }

    /** The stream had an event that its receiver may want to flush for. */
    void touched(StreamResponse response) {
        if (reading) {
            touched.add(response);
        }
    }

    /** Resets a stream, which a backend counts whoever wanted it. */
    void reset(int stream, int code) {
        writer.reset(stream, code);
        count(FloodGuard.Event.RESET);
    }

    /**
     * Resets a stream whose response came before the end of its request: at the end of this read, since most backends reset
     * it themselves right behind the response.
     */
    void resetSoon(int stream) {
        if (reading) {
            answered.add(stream);
        } else {
            reset(stream, Http2Error.CANCEL);
        }
    }

    /** Whether the backend's reset of that stream replaces one of ours. */
    boolean resetByBackend(int stream) {
        return answered.remove(stream);
    }

    private void resetAnswered() {
        while (!answered.isEmpty() && !closed) {
            reset(answered.take(), Http2Error.CANCEL);
        }
    }

    /** The stream is over. */
    void ended(Http2BackendStream stream) {
        streams.remove(stream.id());
        open--;
        if (!closing) {
            offer();
        } else if (open == 0) {
            shut(Http2Error.NO_ERROR);
        }
    }

    /** Sends what was written, together with what others write in this turn of the event loop. */
    void flushSoon() {
        if (!reading && !flushScheduled && !closed) {
            flushScheduled = true;
            context.executor().execute(flush);
        }
    }

    private void flushNow() {
        flushScheduled = false;
        if (!closed) {
            writer.flush();
        }
    }

    /** Runs a task of a stream in a later turn. */
    void soon(Runnable task) {
        context.executor().execute(() -> {
            try {
                task.run();
            } catch (RuntimeException | Error bug) {
                broke(bug); // nobody else hears of it
            }
        });
    }

    // From the backend

    /** Counts a frame or a reset of this connection; false when the connection is closed. */
    boolean count(FloodGuard.Event event) {
        FloodGuard.Verdict verdict = floods.count(event);
        if (verdict == FloodGuard.Verdict.CLOSE) {
            flooded(floods.why(), floods.count());
        } else if (verdict == FloodGuard.Verdict.RETIRE && !closing) {
            log.debug(
                    "the connection to {} takes no new streams: {}",
                    context.channel().remoteAddress(),
                    floods.why());
            close();
        }
        return !closed;
    }

    /** Logs a flood of {@code count} frames or resets and closes the connection. */
    void flooded(String why, int count) {
        if (!closed) {
            ConnectionGuard.flooded(context.channel(), why, count);
            wrong(Http2Error.ENHANCE_YOUR_CALM, why);
        }
    }

    /** Called every few seconds. */
    void tick() {
        floods.tick(now());
    }

    /**
     * The backend's settings are in force. The handshake is done with the first that allow a stream: until then a backend
     * that allows none, for now (RFC 9113 section 6.5.2), is waited for like one that is slow.
     */
    void settled() {
        settled = true;
        if (agreed) {
            offer();
        } else if (room() > 0) {
            agreed = true;
            handshake.done();
        }
    }

    /** No stream above that one was, or will be, looked at: others may get it (RFC 9113 section 6.8). */
    void goAway(int last) {
        closing = true;
        offer();
        for (Http2BackendStream stream : streams.all()) {
            if (stream.id() > last) {
                stream.response().fail(BackendFailure.REFUSED);
            }
        }
        if (open == 0) {
            shut(Http2Error.NO_ERROR);
        }
    }

    /** The backend broke the rules. */
    void wrong(int code, String why) {
        log.debug("the connection to {} ends: {}", context.channel().remoteAddress(), why);
        if (!agreed) {
            handshake.failed(new IOException(why));
        }
        shut(code);
    }

    /** The backend is gone. */
    void lost(String why) {
        log.debug("the connection to {} is given up: {}", context.channel().remoteAddress(), why);
        shut(Http2Error.NO_ERROR);
    }

    /** Closes, tells the owner, and then every receiver. */
    private void shut(int code) {
        if (closed) {
            return;
        }
        closed = true;
        closing = true;
        heads.budget().leave(this);
        reader.stop();
        if (liveness != null) {
            liveness.stop();
        }
        owner.closed(this);
        for (Http2BackendStream stream : streams.all()) {
            stream.response().fail(BackendFailure.RESET);
        }
        // With nothing to complain of there is nothing to say: a backend has opened no streams whose fate it must know.
        if (code != Http2Error.NO_ERROR && greeted && context.channel().isActive()) {
            writer.goAway(code);
            writer.flush();
        }
        writer.discard();
        context.close();
    }

    private void broke(Throwable bug) {
        ConnectionGuard.report(context.channel(), bug);
        shut(Http2Error.INTERNAL_ERROR);
    }

    // From the channel

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        context = ctx;
        writer = new BackendFrameWriter(ctx);
        ctx.channel().config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, false);
        if (ctx.channel().isActive()) {
            greet();
        }
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        greet();
        ctx.fireChannelActive();
    }

    /** Its streams are of many clients, any of which may hold too much: none is read while that is shed. */
    @Override
    public void brake(boolean on) {
        if (!closed && context.channel().config().isAutoRead() == on) {
            context.channel().config().setAutoRead(!on);
        }
    }

    private void greet() {
        if (greeted) {
            return;
        }
        greeted = true;
        heads.budget().join(this);
        liveness = new BackendLiveness(this, context.executor());
        floods = FloodGuard.ofBackend(now());
        writer.preface(ENABLE_PUSH, 0, INITIAL_WINDOW_SIZE, ReceiveWindow.FIRST, MAX_HEADER_LIST_SIZE, headLimit);
        writer.windowUpdate(0, BackendFrames.WINDOW - BackendStreams.FIRST_WINDOW);
        writer.flush();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf in = (ByteBuf) message;
        try {
            reading = true;
            liveness.heard();
            reader.read(in);
        } finally {
            in.release();
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        for (int i = 0; i < touched.size(); i++) {
            touched.get(i).readComplete();
        }
        touched.clear();
        reading = false;
        resetAnswered();
        flushNow();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (ctx.channel().isWritable()) {
            streams.tellWritable();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        shut(Http2Error.NO_ERROR);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        try {
            if (cause instanceof IOException) {
                lost(String.valueOf(cause.getMessage()));
            } else {
                broke(cause);
            }
        } catch (RuntimeException | Error again) {
            ctx.fireExceptionCaught(again);
        }
    }
}
