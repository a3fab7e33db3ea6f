package weir.http1;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.ChannelInputShutdownReadComplete;
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
import weir.http.Method;
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
    private final Tick tick;
    private final BooleanSupplier draining;
    private final ClientInput input;
    private final ClientPatience patience;
    private final Runnable wake = this::woken;

    // Set when the handler is added.
    private ChannelHandlerContext context;
    private Channel channel;
    private ResponseOutput response;
    private ConnectionEnd end;

    private Reading reading = Reading.HEAD;
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
        this.tick = tick;
        this.draining = draining;
        this.input = new ClientInput(heads, limits);
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
        end = new ConnectionEnd(ctx);
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
            input.add(in);
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
        if (inputEnded && input.isEmpty()) {
            inputEnd();
        }
        regulate();
    }

    private boolean advance() {
        return switch (reading) {
            case HEAD -> !input.isEmpty() && (headBegun() || requests.ready()) && readHead();
            case BODY, TUNNEL -> !paused && readBody();
            default -> false;
        };
    }

    private boolean readHead() {
        boolean begun = input.headBegun();
        Progress progress = input.readHead();
        if (!begun && handled > 0 && input.headBegun()) {
            patience.touch(tick.now());
        }
        switch (progress) {
            case DONE -> accept(input.takeHead());
            case FAILED -> refuse(input.headError());
            default -> {}
        }
        return true;
    }

    private void accept(RequestHead request) {
        boolean last = request.contentLength() == 0;
        input.beginBody(request);
        reading = last ? Reading.WAIT : Reading.BODY;
        // What follows a refused CONNECT may be meant for the tunnel: never read it as a request.
        keepAlive = input.keepsAlive() && request.method() != Method.CONNECT;
        continueExpected = !last && input.expectsContinue();
        upgradeAsked = request.upgradesToWebSocket();
        RequestReceiver to = begin(request);
        receiver = to;
        to.request(request, last);
    }

    /** Refuses the head. The receiver answers, and gets no other event. */
    private void refuse(MessageError error) {
        RequestHead request = input.takeHead();
        stopReading();
        begin(request).rejected(request, error);
    }

    private RequestReceiver begin(RequestHead request) {
        handled++;
        exchanging = true;
        responded = false;
        paused = false;
        patience.touch(tick.now());
        response.answers(request);
        return requests.open(this);
    }

    private boolean readBody() {
        Progress progress = input.readBody();
        RequestReceiver to = receiver;
        if (progress == Progress.MORE || to == null) {
            return false;
        }
        patience.touch(tick.now());
        switch (progress) {
            case DATA -> to.body(input.takeBody());
            case DONE -> {
                reading = Reading.WAIT;
                to.end(input.trailers());
                input.endBody();
            }
            default -> breakOff(to, input.bodyError());
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
        input.release();
    }

    private boolean headBegun() {
        return reading == Reading.HEAD && input.headBegun();
    }

    private void inputEnd() {
        RequestReceiver to = receiver;
        switch (reading) {
            case HEAD -> {
                if (input.headBegun()) {
                    refuse(MessageError.TRUNCATED);
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
            case DISCARD -> end.inputOver();
            default -> {}
        }
    }

    /** Reads from the channel exactly while there is somebody to take it. */
    private void regulate() {
        if (processing || inputEnded || reading == Reading.CLOSED) {
            return;
        }
        boolean wanted = switch (reading) {
            case HEAD, WAIT -> input.isEmpty();
            case BODY, TUNNEL -> !paused && input.isEmpty();
            default -> discarded <= MOST_DISCARDED;
        };
        if (channel.config().isAutoRead() != wanted) {
            channel.config().setAutoRead(wanted);
        }
    }

    private void wakeIfHeld() {
        if (!processing && !wakeScheduled && (inputEnded || !input.isEmpty())) {
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
        boolean ended = inputEnded && input.isEmpty();
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
            end.shutOutput();
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
            input.beginTunnel();
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
        boolean ambiguous = responded && response.endsWithConnection();
        letGo();
        if (ambiguous) {
            end.reset();
        } else {
            context.close();
        }
    }

    // The end

    private void responseEnd() {
        receiver = null;
        exchanging = false;
        paused = false;
        if (reading == Reading.BODY || reading == Reading.REFUSED || (!keepAlive && !input.isEmpty())) {
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

    private void linger() {
        beginDiscarding();
        end.shutOutput();
    }

    private void closeFlushed() {
        beginDiscarding();
        end.closeFlushed();
    }

    private void beginDiscarding() {
        reading = Reading.DISCARD;
        input.release();
        patience.touch(tick.now());
        response.flush();
        if (inputEnded) {
            end.inputOver();
        }
        regulate();
    }

    /** The client is gone. */
    private void gone() {
        if (headBegun()) {
            refuse(MessageError.TRUNCATED);
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
        letGo();
        context.close();
    }

    private void letGo() {
        reading = Reading.CLOSED;
        receiver = null;
        exchanging = false;
        input.releaseAll();
        response.discard();
    }

    @Override
    public void tick(long nowNanos) {
        if (reading == Reading.HEAD && !input.isEmpty()) {
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
        RequestReceiver to = receiver;
        if (reading == Reading.HEAD) {
            refuse(MessageError.HEADER_TIMEOUT);
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
