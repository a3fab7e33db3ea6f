package weir.http2;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;
import weir.http.BackendFailure;
import weir.http.Fields;
import weir.http.FloodGuard;
import weir.http.KnownField;
import weir.http.Method;
import weir.http.RequestHead;
import weir.http.ResponseHead;
import weir.http.ResponseReceiver;
import weir.http.TrailerFields;
import weir.http.WebSocketKey;

/**
 * The response of one stream of a backend: its heads, and how it ends. {@link BackendResponseBody} holds the body while
 * the receiver pauses; other streams go on. Confined to one event loop.
 *
 * <pre>
 *   HEAD ── response ▶ BODY ── end ▶ OVER
 *    │ 2xx to an extended CONNECT
 *    └ SWITCHING ── tunnel ▶ TUNNEL ── both ends ▶ OVER
 * </pre>
 */
final class StreamResponse {
    private static final int MOST_INFORMATIONAL = 32;
    private static final int NO_RESET = -1;

    private final Http2BackendHandler connection;
    private final Http2BackendStream stream;
    private final BackendResponseBody body;
    private @Nullable ResponseReceiver receiver;
    private State state = State.HEAD;
    private @Nullable ResponseHead head;
    private @Nullable ResponseHead trailers;
    private byte @Nullable [] webSocketAccept;
    private int informational;
    private boolean bodiless;
    private boolean webSocket;
    private boolean endTold;

    private enum State {
        HEAD,
        BODY,
        SWITCHING,
        TUNNEL,
        OVER
    }

    StreamResponse(Http2BackendHandler connection, Http2BackendStream stream, ResponseReceiver receiver) {
        this.connection = connection;
        this.stream = stream;
        this.receiver = receiver;
        this.body = new BackendResponseBody(connection, stream, this);
    }

    /** Whether the attempt is not over. */
    boolean open() {
        return state != State.OVER;
    }

    /** Whoever has the events, or null. */
    @Nullable
    ResponseReceiver receiver() {
        return receiver;
    }

    BackendResponseBody body() {
        return body;
    }

    /** What follows answers that request. */
    void expect(RequestHead request) {
        bodiless = request.method() == Method.HEAD;
        webSocket = request.upgradesToWebSocket();
        if (webSocket) {
            Fields fields = request.fields();
            int key = fields.first(KnownField.SEC_WEBSOCKET_KEY);
            webSocketAccept = key < 0
                    ? null
                    : WebSocketKey.answer(fields.array(), fields.valueStart(key), fields.valueLength(key));
        }
    }

    // Header blocks

    /** A block begins: has it read into a head or into trailers, or thrown away. */
    void beginBlock(ResponseBlock block) {
        if (state == State.HEAD) {
            ResponseHead next = connection.heads().response();
            head = next;
            block.beginHead(next);
        } else if (state == State.BODY && trailers == null) {
            ResponseHead next = connection.heads().response();
            trailers = next;
            block.beginTrailers(next.fields());
        } else {
            block.discard();
        }
    }

    /** The block was read. */
    void endBlock(ResponseBlock block, boolean endStream) {
        boolean valid = block.end();
        connection.touched(this);
        if (valid && state == State.HEAD) {
            connection.count(FloodGuard.Event.HEAD);
        }
        if (block.tooLarge()) {
            reject(BackendFailure.HEAD_TOO_LARGE);
        } else if (!valid || body.ended()) {
            reject(BackendFailure.INVALID_RESPONSE);
        } else if (state == State.HEAD) {
            accept(endStream);
        } else if (endStream) {
            remoteEnd();
        } else if (state != State.OVER) {
            reject(BackendFailure.INVALID_RESPONSE); // trailers end a stream (RFC 9113 section 8.1)
        }
    }

    private void accept(boolean endStream) {
        ResponseReceiver to = receiver;
        ResponseHead read = head;
        if (to == null || read == null) {
            return;
        }
        int status = read.status();
        if (status < 200) {
            inform(to, read, endStream);
        } else if (webSocket && status < 300) {
            switchProtocols(to, read, endStream);
        } else {
            respond(to, read, endStream);
        }
    }

    private void inform(ResponseReceiver to, ResponseHead read, boolean endStream) {
        if (endStream || ++informational > MOST_INFORMATIONAL) {
            reject(BackendFailure.INVALID_RESPONSE);
            return;
        }
        head = null;
        read.contentLength(0);
        to.informational(read);
        connection.heads().release(read);
    }

    /** The 2xx of an extended CONNECT is what a 101 is to HTTP/1.1 (RFC 8441 section 5). */
    private void switchProtocols(ResponseReceiver to, ResponseHead read, boolean endStream) {
        if (endStream) {
            reject(BackendFailure.INVALID_RESPONSE);
            return;
        }
        state = State.SWITCHING;
        body.expect(ResponseHead.UNKNOWN_LENGTH);
        read.status(101);
        read.contentLength(0);
        read.fields().drop(KnownField.CONTENT_LENGTH);
        byte[] accept = webSocketAccept;
        if (accept != null) {
            read.fields().add(WebSocketKey.ACCEPT).value(accept);
        }
        to.response(read, false);
    }

    private void respond(ResponseReceiver to, ResponseHead read, boolean endStream) {
        bodiless |= read.status() == 204 || read.status() == 304;
        body.expect(bodiless ? 0 : read.contentLength());
        if (endStream && !body.end()) {
            reject(BackendFailure.INVALID_RESPONSE);
            return;
        }
        if (bodiless || endStream) {
            read.contentLength(0);
        }
        if (endStream) {
            head = null;
            complete();
            to.response(read, true);
            connection.heads().release(read);
        } else {
            state = State.BODY;
            to.response(read, false);
        }
    }

    // Data

    /** A part of the body, which it takes over; with the end of a frame also how much padding there was. */
    void data(ByteBuf part, int padding, boolean endStream) {
        if (state == State.OVER) {
            part.release();
            return;
        }
        if (state == State.HEAD || !body.counts(part.readableBytes())) {
            part.release();
            reject(BackendFailure.INVALID_RESPONSE);
            return;
        }
        body.credit(padding);
        body.take(part, state == State.SWITCHING);
        if (endStream && state != State.OVER) {
            remoteEnd();
        }
    }

    /** Hands a part over to the receiver; false when there is none. */
    boolean deliver(ByteBuf part) {
        ResponseReceiver to = receiver;
        if (to == null) {
            part.release();
            return false;
        }
        connection.touched(this);
        to.body(part);
        return true;
    }

    // The end

    private void remoteEnd() {
        if (!body.end()) {
            reject(BackendFailure.INVALID_RESPONSE);
        } else if (body.drained()) {
            end();
        }
    }

    /** All was delivered, and the backend ended its direction. */
    void end() {
        ResponseReceiver to = receiver;
        if (state == State.SWITCHING) {
            return; // told once it is a tunnel
        }
        if (state == State.TUNNEL) {
            tunnelEnd();
            return;
        }
        ResponseHead last = trailers;
        trailers = null;
        if (last != null) {
            TrailerFields.dropForbidden(last.fields());
        }
        ResponseHead first = head;
        head = null;
        complete();
        if (to != null) {
            to.end(last == null ? null : last.fields());
        }
        release(first);
        release(last);
    }

    private void tunnelEnd() {
        ResponseReceiver to = receiver;
        if (endTold) {
            return;
        }
        endTold = true;
        boolean both = stream.ended();
        if (both) {
            leave(NO_RESET);
        }
        if (to != null) {
            to.end(null);
        }
        if (both) {
            releaseHeads();
        }
    }

    /** This side of the stream is at its end: a tunnel is over when both are. */
    void requestEnded() {
        if (state == State.TUNNEL && endTold) {
            leave(NO_RESET);
            releaseHeads();
        }
    }

    /** The backend reset the stream. */
    void reset(BackendFailure failure) {
        if (body.ended()) {
            stream.giveUpRequest(); // the response is complete, although not yet delivered
        } else {
            fail(state == State.HEAD ? failure : BackendFailure.RESET);
        }
    }

    /** The response is not to be had as it is. */
    void reject(BackendFailure failure) {
        fail(failure, Http2Error.PROTOCOL_ERROR);
    }

    /** Ends the attempt, of which the backend knows, and tells the receiver. */
    void fail(BackendFailure failure) {
        fail(failure, NO_RESET);
    }

    private void fail(BackendFailure failure, int resetCode) {
        ResponseReceiver to = receiver;
        if (state == State.OVER) {
            return;
        }
        leave(resetCode);
        if (to != null) {
            to.failed(failure);
        }
        releaseHeads();
    }

    /** Ends the attempt because nobody wants it any more. */
    void cancel() {
        if (state != State.OVER) {
            leave(body.ended() && stream.ended() ? NO_RESET : Http2Error.CANCEL);
            releaseHeads();
            connection.flushSoon();
        }
    }

    /** The response is complete: what is left of the request is given up. */
    private void complete() {
        if (!stream.ended() && stream.id() != 0) {
            connection.resetSoon(stream.id());
        }
        leave(NO_RESET);
    }

    /** The attempt is over, and its place is free for another one. */
    private void leave(int resetCode) {
        state = State.OVER;
        receiver = null;
        body.discard();
        if (resetCode != NO_RESET && stream.id() != 0) {
            connection.reset(stream.id(), resetCode);
        }
        stream.giveUpRequest();
        connection.ended(stream);
    }

    private void releaseHeads() {
        release(head);
        release(trailers);
        head = null;
        trailers = null;
    }

    private void release(@Nullable ResponseHead done) {
        if (done != null) {
            connection.heads().release(done);
        }
    }

    /** What follows are a tunnel's bytes; false when none was agreed on. */
    boolean tunnel() {
        if (state != State.SWITCHING) {
            return false;
        }
        state = State.TUNNEL;
        body.wakeIfHeld();
        return true;
    }

    /** Nothing more is at hand. */
    void readComplete() {
        ResponseReceiver to = receiver;
        if (to != null) {
            to.readComplete();
        }
    }
}
