package weir.http1;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.ChannelInputShutdownReadComplete;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslHandler;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import weir.http.ClientStream;
import weir.http.Fields;
import weir.http.HeadPool;
import weir.http.MessageError;
import weir.http.RequestHandler;
import weir.http.RequestHead;
import weir.http.RequestReceiver;
import weir.http.ResponseHead;
import weir.http.Tick;

/**
 * A client's HTTP/1.1 or 1.0 connection: one exchange after another. The next request is parsed only when the response
 * before it is finished; what a client sends ahead is held, and reading stops. Confined to one event loop.
 *
 * <p>With {@link #finish} (or a response head that is the last) the exchange is over for its receiver, although the
 * request's body may still be coming: that is discarded, and the connection then closes. What is held is delivered from
 * a task of the event loop, never from within {@link #resume()}, {@link #finish} or {@link #tunnel()}.
 *
 * <pre>
 *            request            end               response finished
 *   HEAD ────────────▶ BODY ─────────▶ WAIT ────────────────────────────▶ HEAD, or closed
 *    │ └──────────────────────────────▶ │ tunnel ▶ TUNNEL ▶ closed
 *    │ rejected         │ broken, response finished
 *    ▼                  ▼
 *   REFUSED ────────▶ DISCARD: half-closed, what comes is thrown away ──▶ closed
 * </pre>
 */
public final class Http1ClientHandler extends ChannelInboundHandlerAdapter implements ClientStream, Tick.Member {
    private static final Logger log = LoggerFactory.getLogger(Http1ClientHandler.class);
    private static final long MOST_DISCARDED = 8L * 1024 * 1024;

    private final RequestHandler requests;
    private final HeadPool heads;
    private final Tick tick;
    private final BooleanSupplier draining;
    private final Http1RequestParser parser;
    private final BodyReader body;
    private final ClientPatience patience;
    private final HeldInput held = new HeldInput();
    private final Runnable wake = this::woken;

    // Set when the handler is added.
    private ChannelHandlerContext context;
    private Channel channel;
    private ResponseOutput response;

    private Reading reading = Reading.HEAD;
    private @Nullable RequestHead head;
    private @Nullable RequestReceiver receiver;
    private boolean exchanging;
    private boolean responded;
    private boolean keepAlive;
    private boolean continueExpected;
    private boolean upgradeAsked;
    private boolean tunnelling;
    private boolean paused;
    private boolean inputEnded;
    private boolean outputEnded;
    private boolean outputShut;
    private boolean processing;
    private boolean wakeScheduled;
    private long discarded;
    private int handled;
    private int tickPlace = -1;

    /** What is read next. */
    enum Reading {
        HEAD,
        BODY,
        WAIT,
        TUNNEL,
        REFUSED,
        DISCARD,
        CLOSED
    }

    /** A handler that opens an exchange at {@code requests} for each request. {@code draining}: the process is to end. */
    public Http1ClientHandler(
            RequestHandler requests, HeadPool heads, Tick tick, Http1Limits limits, BooleanSupplier draining) {
        this.requests = requests;
        this.heads = heads;
        this.tick = tick;
        this.draining = draining;
        this.parser = new Http1RequestParser(limits);
        this.body = new BodyReader(limits.headers(), limits.headerCount(), limits.underscores());
        this.patience = new ClientPatience(limits, tick.now());
    }

    /** How many requests began on this connection, refused ones included. */
    public int handledRequests() {
        return handled;
    }

    // Events of the channel

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        context = ctx;
        channel = ctx.channel();
        response = new ResponseOutput(ctx);
        if (channel.isActive()) {
            start();
        }
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        start();
    }

    private void start() {
        if (tickPlace < 0 && reading != Reading.CLOSED) {
            patience.touch(tick.now());
            tick.join(this);
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf in = (ByteBuf) message;
        if (reading.compareTo(Reading.REFUSED) >= 0) {
            discard(in);
        } else {
            held.add(in);
            process();
        }
    }

    private void discard(ByteBuf in) {
        discarded += in.readableBytes();
        in.release();
        if (discarded > MOST_DISCARDED && reading == Reading.DISCARD) {
            close();
        } else {
            regulate();
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        RequestReceiver to = receiver;
        if (to != null) {
            to.readComplete();
        }
        response.flush();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        RequestReceiver to = receiver;
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
        tick.leave(this);
        gone();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        RequestReceiver to = receiver;
        if (!(cause instanceof IOException)) {
            log.error("a bug broke the connection of {}", channel.remoteAddress(), cause);
            if (to != null && !processing) {
                breakOff(to, MessageError.INTERNAL);
                return;
            }
        }
        gone();
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
            case HEAD -> !held.isEmpty() && (headBegun() || requests.ready()) && readHead();
            case BODY, TUNNEL -> !paused && readBody();
            default -> false;
        };
    }

    private boolean readHead() {
        RequestHead request = head;
        if (request == null) {
            request = heads.request();
            head = request;
            parser.begin(request);
        }
        boolean started = parser.started();
        Progress progress = parser.parse(held.peek());
        held.consumed();
        if (!started && parser.started() && handled > 0) {
            patience.touch(tick.now());
        }
        switch (progress) {
            case DONE -> accept(request);
            case FAILED -> refuse(request, parser.error());
            default -> {}
        }
        return true;
    }

    private void accept(RequestHead request) {
        boolean last = request.contentLength() == 0;
        if (parser.chunked()) {
            body.beginChunked();
        } else {
            body.beginLength(request.contentLength());
        }
        reading = last ? Reading.WAIT : Reading.BODY;
        keepAlive = parser.keepsAlive();
        continueExpected = !last && parser.expectsContinue();
        upgradeAsked = request.upgradesToWebSocket();
        RequestReceiver to = begin(request);
        receiver = to;
        to.request(request, last);
    }

    /** Refuses the head. The receiver answers, and gets no other event. */
    private void refuse(RequestHead request, MessageError error) {
        stopReading();
        begin(request).rejected(request, error);
    }

    private RequestReceiver begin(RequestHead request) {
        head = null;
        handled++;
        exchanging = true;
        responded = false;
        paused = false;
        patience.touch(tick.now());
        response.answers(request);
        return requests.open(this);
    }

    private boolean readBody() {
        Progress progress = body.read(held);
        RequestReceiver to = receiver;
        if (progress == Progress.MORE || to == null) {
            return false;
        }
        patience.touch(tick.now());
        switch (progress) {
            case DATA -> to.body(body.take());
            case DONE -> {
                reading = Reading.WAIT;
                to.end(body.trailers());
            }
            default -> breakOff(to, body.error());
        }
        return true;
    }

    private void breakOff(RequestReceiver to, MessageError error) {
        stopReading();
        to.broken(error);
    }

    private void stopReading() {
        reading = Reading.REFUSED;
        keepAlive = false;
        continueExpected = false;
        held.releaseAll();
    }

    private boolean headBegun() {
        return reading == Reading.HEAD && head != null && parser.started();
    }

    private void inputEnd() {
        RequestReceiver to = receiver;
        switch (reading) {
            case HEAD -> {
                RequestHead begun = head;
                if (begun != null && parser.started()) {
                    refuse(begun, MessageError.TRUNCATED);
                } else {
                    closeFlushed();
                }
            }
            case BODY -> abort();
            case TUNNEL -> {
                reading = Reading.WAIT;
                if (to != null) {
                    to.end(null);
                }
                tunnelEnd();
            }
            case DISCARD -> {
                if (outputShut) {
                    close();
                }
            }
            default -> {}
        }
    }

    /** Reads from the channel exactly while there is somebody to take it. */
    private void regulate() {
        if (processing || inputEnded || reading == Reading.CLOSED) {
            return;
        }
        boolean wanted = switch (reading) {
            case HEAD, WAIT -> held.isEmpty();
            case BODY, TUNNEL -> !paused && held.isEmpty();
            default -> discarded <= MOST_DISCARDED;
        };
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
    public InetSocketAddress peer() {
        return address(channel.remoteAddress());
    }

    @Override
    public InetSocketAddress local() {
        return address(channel.localAddress());
    }

    private static InetSocketAddress address(@Nullable SocketAddress address) {
        return address instanceof InetSocketAddress inet ? inet : new InetSocketAddress(0);
    }

    @Override
    public boolean secure() {
        return channel.pipeline().get(SslHandler.class) != null;
    }

    @Override
    public void inform(ResponseHead informational) {
        if (exchanging && !responded && response.informs()) {
            continueExpected &= informational.status() != 100;
            response.inform(informational);
        }
    }

    @Override
    public void respond(ResponseHead head, boolean last) {
        if (!exchanging || responded) {
            return;
        }
        responded = true;
        if (head.status() == 101) {
            keepAlive = false;
            response.inform(head);
            return;
        }
        boolean unread = reading == Reading.BODY && (last || continueExpected);
        boolean ended = inputEnded && held.isEmpty();
        keepAlive = keepAlive && !unread && !ended && response.delimits(head, last) && !draining.getAsBoolean();
        response.respond(head, last, keepAlive);
        if (last) {
            responseEnd();
        }
    }

    @Override
    public void write(ByteBuf data) {
        if (!exchanging || !responded || outputEnded) {
            data.release();
        } else if (!response.write(data)) {
            abort();
        }
    }

    @Override
    public void finish(@Nullable Fields trailers) {
        if (!exchanging || !responded || outputEnded) {
            return;
        }
        if (tunnelling) {
            response.flush();
            outputEnded = true;
            endOutput();
            tunnelEnd();
        } else if (response.finish(trailers)) {
            responseEnd();
        } else {
            close();
        }
    }

    @Override
    public void flush() {
        response.flush();
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
            patience.touch(tick.now());
            wakeIfHeld();
        }
    }

    @Override
    public void tunnel() {
        if (exchanging && upgradeAsked && reading == Reading.WAIT) {
            tunnelling = true;
            body.beginEndless();
            reading = Reading.TUNNEL;
            wakeIfHeld();
        }
    }

    @Override
    public void closeAfterResponse() {
        keepAlive = false;
    }

    @Override
    public void reset() {
        if (!exchanging) {
            return;
        }
        if (responded && response.endsWithConnection()) {
            // Only a RST tells the client that this is not the end of the body.
            channel.config().setOption(ChannelOption.SO_LINGER, 0);
        }
        close();
    }

    // The end

    private void responseEnd() {
        receiver = null;
        exchanging = false;
        paused = false;
        if (reading == Reading.BODY || reading == Reading.REFUSED || (!keepAlive && !held.isEmpty())) {
            linger();
        } else if (!keepAlive) {
            closeFlushed();
        } else {
            reading = Reading.HEAD;
            patience.touch(tick.now());
            wakeIfHeld();
        }
    }

    private void tunnelEnd() {
        if (outputEnded && reading == Reading.WAIT) {
            receiver = null;
            exchanging = false;
            closeFlushed();
        }
    }

    /** Lets the client read the answer before the connection is closed under what it still sends (RFC 9112 9.6). */
    private void linger() {
        beginDiscarding();
        endOutput();
    }

    private void closeFlushed() {
        beginDiscarding();
        context.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
    }

    private void beginDiscarding() {
        reading = Reading.DISCARD;
        held.releaseAll();
        patience.touch(tick.now());
        response.flush();
        regulate();
    }

    private void endOutput() {
        context.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener((ChannelFuture sent) -> outputFlushed(sent));
    }

    private void outputFlushed(ChannelFuture sent) {
        boolean inputOver = reading == Reading.DISCARD && inputEnded;
        if (sent.isSuccess() && !inputOver && channel instanceof DuplexChannel duplex) {
            outputShut = true;
            patience.touch(tick.now());
            duplex.shutdownOutput();
        } else if (reading != Reading.CLOSED) {
            close();
        }
    }

    /** The client is gone. */
    private void gone() {
        RequestHead begun = head;
        if (begun != null && headBegun()) {
            refuse(begun, MessageError.TRUNCATED);
        }
        abort();
    }

    private void abort() {
        RequestReceiver to = receiver;
        close();
        if (to != null) {
            to.aborted();
        }
    }

    private void close() {
        reading = Reading.CLOSED;
        receiver = null;
        exchanging = false;
        held.releaseAll();
        response.discard();
        RequestHead unused = head;
        if (unused != null) {
            head = null;
            heads.release(unused);
        }
        context.close();
    }

    @Override
    public void tick(long nowNanos) {
        if (reading == Reading.HEAD && !held.isEmpty()) {
            process();
        }
        switch (verdict(nowNanos)) {
            case REFUSE -> late();
            case CLOSE -> close();
            default -> {}
        }
    }

    private ClientPatience.Verdict verdict(long now) {
        return switch (reading) {
            case HEAD ->
                headBegun() ? patience.head(now) : patience.idle(now, handled == 0, draining.getAsBoolean(), channel);
            case BODY -> paused ? ClientPatience.Verdict.WAIT : patience.body(now);
            case DISCARD -> patience.closing(now, channel);
            default -> ClientPatience.Verdict.WAIT;
        };
    }

    private void late() {
        RequestHead begun = head;
        RequestReceiver to = receiver;
        if (begun != null && reading == Reading.HEAD) {
            refuse(begun, MessageError.HEADER_TIMEOUT);
        } else if (to != null) {
            breakOff(to, MessageError.BODY_TIMEOUT);
        }
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
