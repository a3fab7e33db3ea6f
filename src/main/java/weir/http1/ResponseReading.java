package weir.http1;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import org.jspecify.annotations.Nullable;
import weir.http.BackendFailure;
import weir.http.Fields;
import weir.http.KnownField;
import weir.http.Method;
import weir.http.RequestHead;
import weir.http.ResponseHead;
import weir.http.ResponseReceiver;
import weir.http.WebSocketKey;

/**
 * Reads the responses of one connection to a backend. Confined to one event loop.
 *
 * <pre>
 *   IDLE ── open ▶ OPEN ── request ▶ HEAD ── response ▶ BODY ── end ▶ IDLE (released), or CLOSED
 *                                     │ 101 asked for
 *                                     └ SWITCHING ── tunnel ▶ TUNNEL ── end, finish ▶ CLOSED
 * </pre>
 */
final class ResponseReading {
    private static final int MOST_INFORMATIONAL = 32;
    private static final byte[] WEBSOCKET = {'w', 'e', 'b', 's', 'o', 'c', 'k', 'e', 't'};

    private final Http1BackendStream stream;
    private final BackendInput input;
    private final BackendIntake intake;

    private State state = State.IDLE;
    private @Nullable ResponseReceiver receiver;
    private int informational;
    private boolean toHead;
    private boolean upgradeAsked;
    private byte @Nullable [] webSocketKey;
    private boolean keepAlive;

    /** What is read next. */
    enum State {
        IDLE,
        OPEN,
        HEAD,
        BODY,
        SWITCHING,
        TUNNEL,
        TUNNEL_ENDED,
        CLOSED
    }

    ResponseReading(Http1BackendStream stream, ChannelHandlerContext context, BackendInput input) {
        this.stream = stream;
        this.input = input;
        this.intake = new BackendIntake(this, stream, context, input);
    }

    BackendIntake intake() {
        return intake;
    }

    State state() {
        return state;
    }

    /** Whoever has the events of the attempt, or null. */
    @Nullable
    ResponseReceiver receiver() {
        return receiver;
    }

    // From the channel

    /** Takes a buffer over. */
    void received(ByteBuf in) {
        switch (state) {
            case IDLE, TUNNEL_ENDED -> {
                in.release();
                stream.shut();
            }
            case OPEN -> {
                in.release();
                stream.fail(BackendFailure.REFUSED);
            }
            case CLOSED -> in.release();
            default -> {
                input.add(in);
                intake.process();
            }
        }
    }

    void readComplete() {
        ResponseReceiver to = receiver;
        if (to != null) {
            to.readComplete();
        }
    }

    // Reading

    /** Reads one step further; false when there is nothing to read now. */
    boolean advance() {
        return switch (state) {
            case HEAD -> !intake.paused() && !input.isEmpty() && readHead();
            // The end of a body is told also to a receiver that paused after the last byte: no more input will wake it.
            case BODY -> (!intake.paused() || input.bodyExhausted()) && readBody();
            case TUNNEL -> !intake.paused() && readBody();
            default -> false;
        };
    }

    private boolean readHead() {
        switch (input.readHead(toHead)) {
            case DONE -> accept();
            case FAILED -> stream.fail(input.headFailure());
            default -> {}
        }
        return true;
    }

    private void accept() {
        ResponseReceiver to = receiver;
        if (to == null) {
            return;
        }
        ResponseHead response = input.lendHead();
        if (response.informational()) {
            inform(to, response);
        } else if (response.status() == 101) {
            switchProtocols(to, response);
        } else {
            respond(to, response);
        }
        input.takeBack(response);
    }

    private void inform(ResponseReceiver to, ResponseHead response) {
        if (++informational > MOST_INFORMATIONAL) {
            stream.fail(BackendFailure.INVALID_RESPONSE);
            return;
        }
        input.forgetHead();
        to.informational(response);
    }

    private void switchProtocols(ResponseReceiver to, ResponseHead response) {
        int upgrade = response.fields().first(KnownField.UPGRADE);
        if (!upgradeAsked
                || upgrade < 0
                || !response.fields().valueIsIgnoreCase(upgrade, WEBSOCKET)
                || !answersKey(response.fields())) {
            stream.fail(BackendFailure.INVALID_RESPONSE);
            return;
        }
        state = State.SWITCHING;
        keepAlive = false;
        to.response(response, false);
    }

    /** Whether it answers the key: else it may be no WebSocket, and what follows anything (RFC 6455 section 4.1). */
    private boolean answersKey(Fields response) {
        byte[] key = webSocketKey;
        int accept = response.find(WebSocketKey.ACCEPT);
        return key != null && accept >= 0 && response.valueIs(accept, WebSocketKey.answer(key, 0, key.length));
    }

    private void respond(ResponseReceiver to, ResponseHead response) {
        keepAlive = input.keepsAlive();
        boolean last = !input.beginBody(response);
        state = State.BODY;
        if (last) {
            receiver = null;
            to.response(response, true);
            responseEnd();
        } else {
            to.response(response, false);
        }
    }

    private boolean readBody() {
        Progress progress = input.readBody();
        ResponseReceiver to = receiver;
        if (progress == Progress.MORE || to == null) {
            return false;
        }
        switch (progress) {
            case DATA -> to.body(input.takeBody());
            case DONE -> {
                receiver = null;
                to.end(input.trailers());
                input.endBody();
                responseEnd();
            }
            default -> stream.fail(BackendFailure.INVALID_RESPONSE);
        }
        return true;
    }

    private void responseEnd() {
        if (state == State.BODY) {
            input.releaseHead();
            stream.responded(keepAlive && input.isEmpty() && !intake.ended());
        }
    }

    /** Everything was read that the backend sent, and it sends nothing more. */
    void inputEnd() {
        ResponseReceiver to = receiver;
        switch (state) {
            case IDLE -> stream.shut();
            case OPEN -> stream.fail(BackendFailure.REFUSED);
            case BODY -> {
                if (input.endless() && to != null) {
                    receiver = null;
                    to.end(null);
                    stream.shut();
                } else {
                    stream.fail(BackendFailure.RESET);
                }
            }
            case TUNNEL -> {
                state = State.TUNNEL_ENDED;
                if (to != null) {
                    to.end(null);
                }
                stream.tunnelEnd();
            }
            case HEAD -> stream.fail(BackendFailure.RESET);
            default -> {}
        }
    }

    // From the stream

    /** An attempt begins; its events go to {@code to}. */
    void open(ResponseReceiver to) {
        if (state != State.IDLE) {
            throw new IllegalStateException("the connection is in use or closed");
        }
        state = State.OPEN;
        receiver = to;
        informational = 0;
        intake.release();
    }

    /** What follows is the response to that request. */
    void expect(RequestHead of) {
        state = State.HEAD;
        toHead = of.method() == Method.HEAD;
        upgradeAsked = of.upgradesToWebSocket();
    }

    /** A switch to WebSocket must answer that key; null when none was asked for. */
    void expectAnswerTo(byte @Nullable [] key) {
        webSocketKey = key;
    }

    /** What follows are a tunnel's bytes. */
    void tunnel() {
        input.beginTunnel();
        state = State.TUNNEL;
        intake.wakeIfHeld();
    }

    /** The receiver, or null, gets no event any more. */
    @Nullable
    ResponseReceiver dismiss() {
        ResponseReceiver to = receiver;
        receiver = null;
        return to;
    }

    /** The connection may be used again. */
    void idle() {
        state = State.IDLE;
        intake.release();
        intake.regulate();
    }

    /** Nothing is read any more, for good. */
    void close() {
        state = State.CLOSED;
        input.release();
    }
}
