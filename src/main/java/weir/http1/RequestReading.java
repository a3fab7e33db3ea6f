package weir.http1;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import org.jspecify.annotations.Nullable;
import weir.http.MessageError;
import weir.http.Method;
import weir.http.RequestHandler;
import weir.http.RequestHead;
import weir.http.RequestReceiver;

/**
 * Reads the requests of one client's connection. The next is parsed only when the response before it is finished, and
 * taken by the client but for what the channel's low-water mark leaves; what a client sends ahead is held, one read of
 * it, and reading stops. So a client that sends requests and reads nothing has one response queued beyond the channel's
 * high-water mark. Confined to one event loop.
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
final class RequestReading {
    private final Http1ClientStream stream;
    private final Channel channel;
    private final RequestHandler requests;
    private final ClientInput input;
    private final ClientPatience patience;
    private final ClientIntake intake;

    /** Most bytes of an answered request's body that are read to keep the connection, see {@link #skip}. */
    private static final int MOST_SKIPPED = 64 * 1024;

    private State state = State.HEAD;
    private @Nullable RequestReceiver receiver;
    private int handled;

    /** What is read next. */
    enum State {
        HEAD,
        BODY,
        WAIT,
        TUNNEL,
        SKIP,
        REFUSED,
        DISCARD,
        CLOSED
    }

    RequestReading(
            Http1ClientStream stream,
            ChannelHandlerContext context,
            RequestHandler requests,
            ClientInput input,
            ClientPatience patience) {
        this.stream = stream;
        this.channel = context.channel();
        this.requests = requests;
        this.input = input;
        this.patience = patience;
        this.intake = new ClientIntake(this, stream, context, input);
    }

    ClientIntake intake() {
        return intake;
    }

    /** How many requests began, refused ones included. */
    int handled() {
        return handled;
    }

    State state() {
        return state;
    }

    /** Whoever has the events of the request being read or answered, or null. */
    @Nullable
    RequestReceiver receiver() {
        return receiver;
    }

    /** Whether some bytes of a head were read, but not all. */
    boolean headBegun() {
        return state == State.HEAD && input.headBegun();
    }

    // From the channel

    void readComplete() {
        RequestReceiver to = receiver;
        if (to != null) {
            to.readComplete();
        }
    }

    /** A bug broke the connection: tells the receiver, unless there is none or the bug may be its own. */
    boolean broken() {
        RequestReceiver to = receiver;
        if (to == null || intake.processing()) {
            return false;
        }
        breakOff(to, MessageError.INTERNAL);
        return true;
    }

    void tick(long nowNanos) {
        if (state == State.HEAD && !input.isEmpty()) {
            intake.process();
        }
        switch (verdict(nowNanos)) {
            case REFUSE -> late();
            case CLOSE -> stream.close();
            default -> {}
        }
    }

    private ClientPatience.Verdict verdict(long now) {
        return switch (state) {
            case HEAD -> headBegun() ? patience.head(now) : patience.idle(now, handled == 0, channel);
            case BODY -> intake.paused() || stream.responding() ? ClientPatience.Verdict.WAIT : patience.body(now);
            case SKIP ->
                patience.body(now) == ClientPatience.Verdict.WAIT
                        ? ClientPatience.Verdict.WAIT
                        : ClientPatience.Verdict.CLOSE;
            case DISCARD -> patience.closing(now, channel);
            default -> ClientPatience.Verdict.WAIT;
        };
    }

    private void late() {
        RequestReceiver to = receiver;
        if (state == State.HEAD) {
            refuse(MessageError.HEADER_TIMEOUT);
        } else if (to != null) {
            breakOff(to, MessageError.BODY_TIMEOUT);
        }
    }

    /** The limit of the wait for the body of the request under way. */
    void bodyTimeout(long nanos) {
        patience.bodyTimeout(nanos);
    }

    // Reading

    /** Reads one step further; false when there is nothing to read now. */
    boolean advance() {
        return switch (state) {
            // What a client sends ahead waits until it has taken the answers to what it sent before.
            case HEAD -> !input.isEmpty() && (headBegun() || (requests.ready() && stream.writable())) && readHead();
            // The end of a body is told also to a receiver that paused after the last byte: no more input will wake it.
            case BODY -> (!intake.paused() || input.bodyExhausted()) && readBody();
            case TUNNEL -> !intake.paused() && readBody();
            case SKIP -> skipBody();
            default -> false;
        };
    }

    private boolean readHead() {
        boolean begun = input.headBegun();
        Progress progress = input.readHead();
        if (!begun && handled > 0 && input.headBegun()) {
            patience.touch();
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
        state = last ? State.WAIT : State.BODY;
        // What follows a refused CONNECT may be meant for the tunnel: never read it as a request.
        boolean keepAlive = input.keepsAlive() && request.method() != Method.CONNECT;
        RequestReceiver to = begin(request, keepAlive, !last && input.expectsContinue());
        receiver = to;
        to.request(request, last);
    }

    /** Refuses the head. The receiver answers, and gets no other event. */
    void refuse(MessageError error) {
        RequestHead request = input.takeHead();
        stopReading();
        begin(request, false, false).rejected(request, error);
    }

    private RequestReceiver begin(RequestHead request, boolean keepAlive, boolean continueExpected) {
        handled++;
        intake.release();
        patience.beginRequest();
        stream.begin(request, keepAlive, continueExpected);
        return requests.open(stream);
    }

    private boolean readBody() {
        Progress progress = input.readBody();
        RequestReceiver to = receiver;
        if (progress == Progress.MORE || to == null) {
            return false;
        }
        patience.touch();
        switch (progress) {
            case DATA -> to.body(input.takeBody());
            case DONE -> {
                state = State.WAIT;
                to.end(input.trailers());
                input.endBody();
            }
            default -> breakOff(to, input.bodyError());
        }
        return true;
    }

    /** Whether the rest of the body is known and small enough to be read for keeping the connection. */
    boolean nearlyRead() {
        return input.bodyRest() <= MOST_SKIPPED;
    }

    /** Discards the rest of an answered request's body, then reads the next request. */
    void skip() {
        state = State.SKIP;
        patience.touch();
        intake.wakeIfHeld();
    }

    private boolean skipBody() {
        Progress progress = input.readBody();
        if (progress == Progress.DATA) {
            patience.touch();
            input.takeBody().release();
        } else if (progress == Progress.DONE) {
            input.endBody();
            next();
        }
        return progress != Progress.MORE;
    }

    private void breakOff(RequestReceiver to, MessageError error) {
        stopReading();
        stream.closeAfterResponse();
        to.broken(error);
    }

    private void stopReading() {
        state = State.REFUSED;
        input.release();
    }

    /** Everything was read that the client sent, and it sends nothing more. */
    void inputEnd() {
        RequestReceiver to = receiver;
        switch (state) {
            case HEAD -> {
                if (input.headBegun()) {
                    refuse(MessageError.TRUNCATED);
                } else {
                    stream.closeFlushed();
                }
            }
            case BODY -> stream.abort();
            case SKIP -> stream.closeFlushed();
            case TUNNEL -> {
                state = State.WAIT;
                if (to != null) {
                    to.end(null);
                }
                stream.tunnelEnd();
            }
            case WAIT -> {
                if (patience.abandonsHalfClosed()) {
                    stream.abandon();
                }
            }
            case DISCARD -> stream.inputOver();
            default -> {}
        }
    }

    // From the stream

    /** The client has taken what was owed to it: what it sent ahead may be read. */
    void drained() {
        if (state == State.HEAD) {
            intake.wakeIfHeld();
        }
    }

    void resume() {
        if (intake.paused()) {
            intake.release();
            patience.touch();
            intake.wakeIfHeld();
        }
    }

    /** What follows are a tunnel's bytes. */
    void tunnel() {
        input.beginTunnel();
        state = State.TUNNEL;
        intake.wakeIfHeld();
    }

    /** The receiver gets no event any more. */
    void answered() {
        receiver = null;
        intake.release();
    }

    /** Reads the next request. */
    void next() {
        state = State.HEAD;
        patience.touch();
        intake.wakeIfHeld();
    }

    /** Throws away what is held and what comes. */
    void discard() {
        state = State.DISCARD;
        input.release();
        patience.touch();
    }

    /** Lets go of everything, for good. */
    void close() {
        state = State.CLOSED;
        receiver = null;
        input.releaseAll();
    }
}
