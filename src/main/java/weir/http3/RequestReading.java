package weir.http3;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http3.Http3Headers;
import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import weir.http.Fields;
import weir.http.FloodGuard.Event;
import weir.http.MessageError;
import weir.http.Method;
import weir.http.Protocol;
import weir.http.RequestFields;
import weir.http.RequestHead;
import weir.http.RequestReceiver;
import weir.http.TrailerFields;

/**
 * Reads the one request of a stream (RFC 9114 section 4.1). Confined to one event loop.
 *
 * <pre>
 *          head             more than a head            end
 *   HEAD ────────▶ UNDECIDED ────────────────▶ BODY ─────────▶ WHOLE
 *    │                 │ end: without body ────────────────────▶ │
 *    │ refused         │                        │ broken         │ response finished
 *    ▼                 ▼                        ▼                ▼
 *   DISCARD: what still comes is thrown away ──────────────────▶ CLOSED
 * </pre>
 *
 * In HTTP/3 only the end of the stream tells that a request has no body, and it may come in a packet behind the head:
 * one that has none by its method waits for it until the next tick, one that says it has none until it comes.
 */
final class RequestReading {
    private static final long MOST_DISCARDED = 64L * 1024;
    private static final long LINGER = TimeUnit.SECONDS.toNanos(2);

    private final Http3Connection connection;
    private final Http3ClientStream stream;
    private final StreamBytes bytes;
    private final ArrayDeque<ByteBuf> held = new ArrayDeque<>(0);

    private State state = State.HEAD;
    private @Nullable RequestHead head;
    private @Nullable RequestReceiver receiver;
    private @Nullable Fields trailers;
    private long since;
    private long bodyTimeoutNanos;
    private long expected;
    private long seen;
    private long discarded;
    private boolean ended;
    private boolean paused;

    /** What is read next. */
    enum State {
        HEAD,
        UNDECIDED,
        BODY,
        WHOLE,
        DISCARD,
        CLOSED
    }

    RequestReading(Http3Connection connection, Http3ClientStream stream, StreamBytes bytes) {
        this.connection = connection;
        this.stream = stream;
        this.bytes = bytes;
        this.since = connection.now();
        this.bodyTimeoutNanos = connection.limits().message().bodyTimeoutNanos();
        RequestHead begun = connection.heads().request();
        begun.protocol(Protocol.HTTP_3);
        begun.started();
        head = begun;
    }

    State state() {
        return state;
    }

    /** Whoever has the events of the request, or null. */
    @Nullable
    RequestReceiver receiver() {
        return receiver;
    }

    /** Whether the client has ended its direction, and that was read. */
    boolean ended() {
        return ended;
    }

    // From the channel

    void headers(Http3Headers section) {
        if (state == State.HEAD) {
            RequestHead request = begun();
            MessageError error = read(section, request);
            if (error != null) {
                refuse(error);
            } else {
                connection.count(Event.HEAD);
                state = State.UNDECIDED;
                since = connection.now();
            }
        } else if (state == State.UNDECIDED || state == State.BODY) {
            deliverIfUndecided(false);
            trailers(section);
        }
    }

    /** Fills the head. Only the end of the stream, which is not seen yet, tells whether there is a body. */
    private @Nullable MessageError read(Http3Headers section, RequestHead request) {
        RequestFields fields = connection.fields();
        fields.beginHead(request);
        request.receivedBytes(DecodedSection.read(section, fields));
        return fields.endHead(false);
    }

    private void trailers(Http3Headers section) {
        RequestFields fields = connection.fields();
        Fields read = new Fields();
        fields.beginTrailers(read);
        DecodedSection.read(section, fields);
        if (fields.endTrailers() != null) {
            breakOff(MessageError.TRAILER);
        } else {
            TrailerFields.dropForbidden(read);
            trailers = read;
        }
    }

    /** Takes a buffer over. */
    void data(ByteBuf data) {
        if (data.isReadable()) {
            deliverIfUndecided(true);
        } else if (!bytes.ended()) {
            connection.count(Event.EMPTY_DATA);
        }
        int length = data.readableBytes();
        if (state == State.BODY && length > 0) {
            body(data, length);
            return;
        }
        data.release();
        if (state == State.WHOLE && length > 0) {
            breakOff(MessageError.CONTENT_LENGTH); // more than the head announced
        } else if (state == State.DISCARD) {
            discarded += length;
            if (discarded > MOST_DISCARDED) {
                stream.refuseInput();
            }
        }
    }

    private void body(ByteBuf data, int length) {
        RequestReceiver to = receiver;
        seen += length;
        connection.unread().read(length);
        if (to == null || (expected >= 0 && seen > expected)) {
            data.release();
            breakOff(MessageError.CONTENT_LENGTH);
        } else if (paused || !held.isEmpty()) {
            connection.count(Event.PAYLOAD);
            held.add(data);
            connection.holding().add(length);
        } else {
            connection.count(Event.PAYLOAD);
            since = connection.now();
            to.body(data);
        }
    }

    /** No more is at hand. */
    void readComplete() {
        if (state == State.UNDECIDED && !bytes.ended()) {
            decide();
        }
        if (bytes.ended() && !ended) {
            ended = true;
            inputEnd();
        }
        RequestReceiver to = receiver;
        if (to != null) {
            to.readComplete();
        }
    }

    /**
     * A request with a body, by what it says or by its nature, need not wait for the end. One that says it has none does:
     * if data follow, no backend is to see it.
     */
    private void decide() {
        RequestHead request = begun();
        Method method = request.method();
        boolean hasBody = method == Method.POST || method == Method.PUT || method == Method.PATCH;
        if (request.contentLength() > 0 || (hasBody && request.contentLength() != 0)) {
            deliver(false);
        }
    }

    private void inputEnd() {
        boolean whole = bytes.complete();
        switch (state) {
            case HEAD -> refuse(MessageError.TRUNCATED);
            case UNDECIDED -> {
                if (!whole) {
                    refuse(MessageError.TRUNCATED);
                } else if (begun().contentLength() > 0) {
                    refuse(MessageError.CONTENT_LENGTH);
                } else {
                    deliver(true);
                }
            }
            case BODY -> {
                if (!whole) {
                    breakOff(MessageError.TRUNCATED);
                } else if (expected >= 0 && seen != expected) {
                    breakOff(MessageError.CONTENT_LENGTH);
                } else {
                    endIfDrained();
                }
            }
            default -> {}
        }
    }

    /** The end is told also to a receiver that paused after the last byte: no more input will wake it. */
    private void endIfDrained() {
        RequestReceiver to = receiver;
        if (ended && state == State.BODY && held.isEmpty() && to != null) {
            state = State.WHOLE;
            to.end(trailers);
        }
    }

    /** More than the head came: data, or trailers. */
    private void deliverIfUndecided(boolean data) {
        if (state != State.UNDECIDED) {
            return;
        }
        if (data && begun().contentLength() == 0) {
            refuse(MessageError.CONTENT_LENGTH);
        } else {
            deliver(false);
        }
    }

    private void deliver(boolean last) {
        RequestHead request = begun();
        head = null;
        if (last) {
            request.contentLength(0);
        }
        expected = request.contentLength();
        state = last ? State.WHOLE : State.BODY;
        since = connection.now();
        RequestReceiver to = stream.begin(request);
        receiver = to;
        to.request(request, last);
    }

    /** Refuses the head. The receiver answers, and gets no other event. */
    private void refuse(MessageError error) {
        answerRefusal(error);
        countError(error);
    }

    /** A client that breaks the rules is counted: it costs as much as one that resets. */
    private void countError(MessageError error) {
        if (error.status() == 400) {
            connection.count(Event.ERROR);
        }
    }

    private void answerRefusal(MessageError error) {
        RequestHead request = begun();
        head = null;
        state = State.DISCARD;
        since = connection.now();
        stream.begin(request).rejected(request, error);
    }

    /** The body cannot be read to its end. */
    void breakOff(MessageError error) {
        RequestReceiver to = receiver;
        if (to != null) {
            discard();
            to.broken(error);
            countError(error);
        }
    }

    private RequestHead begun() {
        RequestHead known = head;
        if (known == null) {
            throw new IllegalStateException("no head was begun");
        }
        return known;
    }

    /** What came is no request: its codec or its framing failed. */
    void failed(MessageError error) {
        if (state == State.HEAD || state == State.UNDECIDED) {
            refuse(error);
        } else {
            breakOff(error);
        }
    }

    /** The client is gone, or takes no answer. */
    void gone() {
        if (state == State.UNDECIDED || (state == State.HEAD && bytes.begun())) {
            answerRefusal(MessageError.TRUNCATED);
        }
        RequestReceiver to = receiver;
        close();
        if (to != null) {
            to.aborted();
        }
    }

    void tick(long now) {
        Http3Limits limits = connection.limits();
        switch (state) {
            case HEAD -> {
                if (late(now, limits.message().headerTimeoutNanos())) {
                    refuse(MessageError.HEADER_TIMEOUT);
                }
            }
            case UNDECIDED -> {
                if (begun().contentLength() == 0) {
                    if (late(now, limits.message().bodyTimeoutNanos())) {
                        refuse(MessageError.BODY_TIMEOUT);
                    }
                } else if (now > since) {
                    deliver(false);
                    readComplete();
                }
            }
            case BODY -> {
                if (!paused && held.isEmpty() && !stream.responded() && late(now, bodyTimeoutNanos)) {
                    breakOff(MessageError.BODY_TIMEOUT);
                }
            }
            default -> {}
        }
    }

    /** The limit of the wait for the body. */
    void bodyTimeout(long nanos) {
        bodyTimeoutNanos = nanos;
    }

    /** Whether the client goes on with its request long after the response. */
    boolean lingers(long now) {
        return now - since >= LINGER;
    }

    /** Whether the client does not take the rest of the response. */
    boolean idles(long now) {
        return late(now, connection.limits().message().idleTimeoutNanos());
    }

    private boolean late(long now, long limit) {
        return limit > 0 && now - since >= limit;
    }

    // From the stream

    void pause() {
        pause(true);
    }

    private void pause(boolean on) {
        if (on != paused) {
            paused = on;
            if (on) {
                connection.unread().paused();
            } else {
                connection.unread().resumed();
            }
        }
    }

    boolean paused() {
        return paused;
    }

    /** Whether this was paused. */
    boolean resume() {
        boolean before = paused;
        pause(false);
        since = connection.now();
        return before;
    }

    /** Delivers what was held. */
    void deliverHeld() {
        RequestReceiver to = receiver;
        while (!paused && to != null && !held.isEmpty()) {
            to.body(takeHeld());
            to = receiver;
        }
        endIfDrained();
        to = receiver;
        if (to != null) {
            to.readComplete();
        }
    }

    /** The response is finished: the receiver gets no event any more. */
    void answered() {
        receiver = null;
        discard();
    }

    private void discard() {
        state = State.DISCARD;
        since = connection.now();
        pause(false);
        releaseHeld();
    }

    /** Lets go of everything, for good. */
    void close() {
        state = State.CLOSED;
        receiver = null;
        pause(false);
        releaseHeld();
        RequestHead unused = head;
        if (unused != null) {
            head = null;
            connection.heads().release(unused);
        }
    }

    private ByteBuf takeHeld() {
        ByteBuf buffer = held.remove();
        connection.holding().add(-buffer.readableBytes());
        return buffer;
    }

    private void releaseHeld() {
        while (!held.isEmpty()) {
            takeHeld().release();
        }
    }
}
