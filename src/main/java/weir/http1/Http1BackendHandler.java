package weir.http1;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.ChannelInputShutdownReadComplete;
import io.netty.channel.socket.ChannelOutputShutdownException;
import io.netty.channel.socket.DuplexChannel;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import weir.config.LimitsConfig.Underscores;
import weir.http.BackendConnection;
import weir.http.BackendFailure;
import weir.http.BackendStream;
import weir.http.Fields;
import weir.http.HeadPool;
import weir.http.KnownField;
import weir.http.MessageError;
import weir.http.Method;
import weir.http.RequestHead;
import weir.http.ResponseHead;
import weir.http.ResponseReceiver;

/**
 * A connection to an HTTP/1.1 or 1.0 backend: one attempt after another. It goes back to its owner only when request
 * and response are complete, both sides keep it alive, and no byte is left over; else it is closed. The stream must not
 * be used any more after its last event, since the next attempt has the same object. What is held because of a pause is
 * delivered from a task of the event loop, never from within {@link #resume()} or {@link #tunnel()}. Confined to one
 * event loop.
 *
 * <pre>
 *   IDLE ── open ▶ OPEN ── request ▶ HEAD ── response ▶ BODY ── end ▶ IDLE (released), or CLOSED
 *                                     │ 101 asked for
 *                                     └ SWITCHING ── tunnel ▶ TUNNEL ── end, finish ▶ CLOSED
 * </pre>
 */
public final class Http1BackendHandler extends ChannelInboundHandlerAdapter
        implements BackendConnection, BackendStream {
    private static final Logger log = LoggerFactory.getLogger(Http1BackendHandler.class);
    private static final int MOST_INFORMATIONAL = 32;
    private static final byte[] WEBSOCKET = {'w', 'e', 'b', 's', 'o', 'c', 'k', 'e', 't'};

    private final Owner owner;
    private final HeadPool heads;
    private final Http1ResponseParser parser;
    private final BodyReader body;
    private final HeldInput held = new HeldInput();
    private final Runnable wake = this::woken;

    // Set when the handler is added.
    private ChannelHandlerContext context;
    private Channel channel;
    private RequestOutput request;

    private Reading reading = Reading.IDLE;
    private @Nullable ResponseReceiver receiver;
    private @Nullable ResponseHead head;
    private @Nullable ResponseHead delivered;
    private int requests;
    private int informational;
    private boolean toHead;
    private boolean upgradeAsked;
    private boolean requestEnded;
    private boolean keepAlive;
    private boolean paused;
    private boolean inputEnded;
    private boolean outputFailed;
    private boolean processing;
    private boolean wakeScheduled;

    /** What is read next. */
    private enum Reading {
        IDLE,
        OPEN,
        HEAD,
        BODY,
        SWITCHING,
        TUNNEL,
        TUNNEL_ENDED,
        CLOSED
    }

    /** A handler whose connection belongs to {@code owner}; response heads have at most so many bytes. */
    public Http1BackendHandler(Owner owner, HeadPool heads, int responseHeadLimit) {
        this.owner = owner;
        this.heads = heads;
        this.parser = new Http1ResponseParser(responseHeadLimit);
        int trailers = responseHeadLimit <= 0 ? Http1Limits.MOST_BYTES : responseHeadLimit;
        this.body = new BodyReader(trailers, Http1Limits.MOST_FIELDS, Underscores.PASS);
    }

    // The connection

    @Override
    public BackendStream open(ResponseReceiver to) {
        if (reading != Reading.IDLE) {
            throw new IllegalStateException("the connection is in use or closed");
        }
        reading = Reading.OPEN;
        receiver = to;
        informational = 0;
        requestEnded = false;
        paused = false;
        return this;
    }

    @Override
    public int requests() {
        return requests;
    }

    @Override
    public void close() {
        fail(BackendFailure.RESET);
    }

    // Events of the channel

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        context = ctx;
        channel = ctx.channel();
        request = new RequestOutput(ctx);
        channel.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
        // A backend that answers early and stops reading must not lose its answer to a failed write.
        channel.config().setOption(ChannelOption.AUTO_CLOSE, false);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf in = (ByteBuf) message;
        switch (reading) {
            case IDLE, TUNNEL_ENDED -> {
                in.release();
                shut();
            }
            case OPEN -> {
                in.release();
                fail(BackendFailure.REFUSED);
            }
            case CLOSED -> in.release();
            default -> {
                held.add(in);
                process();
            }
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        ResponseReceiver to = receiver;
        if (to != null) {
            to.readComplete();
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        ResponseReceiver to = receiver;
        if (to != null && channel.isWritable()) {
            to.writable();
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof ChannelInputShutdownEvent || event instanceof ChannelInputShutdownReadComplete) {
            inputEnded = true;
            process();
        } else {
            ctx.fireUserEventTriggered(event);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        inputEnded = true;
        process();
        fail(BackendFailure.RESET);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (cause instanceof ChannelOutputShutdownException && (reading == Reading.HEAD || reading == Reading.BODY)) {
            // The backend takes no more, but what it answered may still be read.
            outputFailed = true;
            return;
        }
        if (!(cause instanceof IOException)) {
            log.error("a bug broke the connection to {}", channel.remoteAddress(), cause);
        }
        fail(BackendFailure.RESET);
    }

    // Reading

    private void process() {
        if (processing) {
            return;
        }
        processing = true;
        try {
            boolean more = true;
            while (more) {
                more = advance();
            }
        } finally {
            processing = false;
        }
        if (inputEnded && held.isEmpty()) {
            inputEnd();
        }
        regulate();
    }

    private boolean advance() {
        return switch (reading) {
            case HEAD -> !paused && !held.isEmpty() && readHead();
            case BODY, TUNNEL -> !paused && readBody();
            default -> false;
        };
    }

    private boolean readHead() {
        ResponseHead response = head;
        if (response == null) {
            response = heads.response();
            head = response;
            parser.begin(response, toHead);
        }
        Progress progress = parser.parse(held.peek());
        held.consumed();
        switch (progress) {
            case DONE -> accept(response);
            case FAILED ->
                fail(
                        parser.error() == MessageError.FIELDS_TOO_LARGE
                                ? BackendFailure.HEAD_TOO_LARGE
                                : BackendFailure.INVALID_RESPONSE);
            default -> {}
        }
        return true;
    }

    private void accept(ResponseHead response) {
        ResponseReceiver to = receiver;
        if (to == null) {
            return;
        }
        delivered = response;
        if (response.informational()) {
            inform(to, response);
        } else if (response.status() == 101) {
            switchProtocols(to, response);
        } else {
            respond(to, response);
        }
        delivered = null;
        if (head != response) {
            heads.release(response);
        }
    }

    private void inform(ResponseReceiver to, ResponseHead response) {
        if (++informational > MOST_INFORMATIONAL) {
            fail(BackendFailure.INVALID_RESPONSE);
            return;
        }
        head = null;
        to.informational(response);
    }

    private void switchProtocols(ResponseReceiver to, ResponseHead response) {
        int upgrade = response.fields().first(KnownField.UPGRADE);
        if (!upgradeAsked || upgrade < 0 || !response.fields().valueIsIgnoreCase(upgrade, WEBSOCKET)) {
            fail(BackendFailure.INVALID_RESPONSE);
            return;
        }
        reading = Reading.SWITCHING;
        keepAlive = false;
        to.response(response, false);
    }

    private void respond(ResponseReceiver to, ResponseHead response) {
        keepAlive = parser.keepsAlive();
        boolean last = false;
        if (parser.chunked() && response.contentLength() != 0) {
            body.beginChunked();
        } else if (parser.untilClose()) {
            body.beginEndless();
        } else {
            body.beginLength(response.contentLength());
            last = response.contentLength() == 0;
        }
        reading = Reading.BODY;
        if (last) {
            receiver = null;
            to.response(response, true);
            responseEnd();
        } else {
            to.response(response, false);
        }
    }

    private boolean readBody() {
        Progress progress = body.read(held);
        ResponseReceiver to = receiver;
        if (progress == Progress.MORE || to == null) {
            return false;
        }
        switch (progress) {
            case DATA -> to.body(body.take());
            case DONE -> {
                receiver = null;
                to.end(body.trailers());
                body.forget();
                responseEnd();
            }
            default -> fail(BackendFailure.INVALID_RESPONSE);
        }
        return true;
    }

    private void responseEnd() {
        if (reading != Reading.BODY) {
            return;
        }
        letHeadGo();
        if (keepAlive && requestEnded && held.isEmpty() && !inputEnded && !outputFailed) {
            reading = Reading.IDLE;
            paused = false;
            regulate();
            owner.released(this);
        } else {
            shut();
        }
    }

    private void inputEnd() {
        ResponseReceiver to = receiver;
        switch (reading) {
            case IDLE -> shut();
            case OPEN -> fail(BackendFailure.REFUSED);
            case BODY -> {
                if (body.endless() && to != null) {
                    receiver = null;
                    to.end(null);
                    shut();
                } else {
                    fail(BackendFailure.RESET);
                }
            }
            case TUNNEL -> {
                reading = Reading.TUNNEL_ENDED;
                if (to != null) {
                    to.end(null);
                }
                tunnelEnd();
            }
            case HEAD -> fail(BackendFailure.RESET);
            default -> {}
        }
    }

    private void tunnelEnd() {
        if (reading == Reading.TUNNEL_ENDED && requestEnded) {
            receiver = null;
            context.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(done -> shut());
        }
    }

    private void regulate() {
        if (processing || inputEnded || reading == Reading.CLOSED) {
            return;
        }
        boolean wanted = !paused && held.isEmpty();
        if (channel.config().isAutoRead() != wanted) {
            channel.config().setAutoRead(wanted);
        }
    }

    private void wakeIfHeld() {
        if (!processing && !wakeScheduled && (inputEnded || !held.isEmpty())) {
            wakeScheduled = true;
            context.executor().execute(wake);
        }
        regulate();
    }

    private void woken() {
        wakeScheduled = false;
        process();
        channelReadComplete(context);
    }

    // The stream

    @Override
    public void request(RequestHead of, boolean last) {
        if (reading != Reading.OPEN) {
            return;
        }
        reading = Reading.HEAD;
        toHead = of.method() == Method.HEAD;
        upgradeAsked = of.upgradesToWebSocket();
        requestEnded = last;
        requests++;
        request.request(of, last);
    }

    @Override
    public void write(ByteBuf data) {
        if (!writing()) {
            data.release();
        } else if (!request.write(data)) {
            fail(BackendFailure.RESET);
        }
    }

    @Override
    public void finish(@Nullable Fields trailers) {
        if (!writing()) {
            return;
        }
        if (reading == Reading.TUNNEL || reading == Reading.TUNNEL_ENDED) {
            requestEnded = true;
            request.flush();
            context.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener((ChannelFuture sent) -> outputFlushed());
            tunnelEnd();
        } else if (request.finish(trailers)) {
            requestEnded = true;
        } else {
            fail(BackendFailure.RESET);
        }
    }

    private boolean writing() {
        return reading.compareTo(Reading.HEAD) >= 0 && reading != Reading.CLOSED && !requestEnded && !outputFailed;
    }

    private void outputFlushed() {
        if (reading == Reading.TUNNEL && channel instanceof DuplexChannel duplex) {
            duplex.shutdownOutput();
        }
    }

    @Override
    public void flush() {
        request.flush();
    }

    @Override
    public boolean writable() {
        return channel.isWritable();
    }

    @Override
    public void pause() {
        paused = true;
        regulate();
    }

    @Override
    public void resume() {
        if (paused) {
            paused = false;
            wakeIfHeld();
        }
    }

    @Override
    public void tunnel() {
        if (reading == Reading.SWITCHING) {
            requestEnded = false;
            request.tunnel();
            body.beginEndless();
            reading = Reading.TUNNEL;
            wakeIfHeld();
        }
    }

    @Override
    public void cancel() {
        if (reading != Reading.IDLE) {
            receiver = null;
            shut();
        }
    }

    @Override
    public boolean reused() {
        return requests > 1;
    }

    // The end

    private void fail(BackendFailure failure) {
        ResponseReceiver to = receiver;
        receiver = null;
        shut();
        if (to != null) {
            to.failed(failure);
        }
    }

    /** Closes and tells the owner, once. */
    private void shut() {
        if (reading == Reading.CLOSED) {
            return;
        }
        reading = Reading.CLOSED;
        held.releaseAll();
        request.discard();
        letHeadGo();
        context.close();
        owner.closed(this);
    }

    /** Gives the head back, unless the receiver is looking at it right now. */
    private void letHeadGo() {
        ResponseHead done = head;
        head = null;
        parser.forget();
        if (done != null && done != delivered) {
            heads.release(done);
        }
    }
}
