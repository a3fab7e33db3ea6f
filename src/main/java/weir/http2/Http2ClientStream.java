package weir.http2;

import io.netty.buffer.ByteBuf;
import java.net.InetSocketAddress;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import weir.http.ClientStream;
import weir.http.Fields;
import weir.http.FloodGuard.Event;
import weir.http.Holding;
import weir.http.MessageError;
import weir.http.Method;
import weir.http.RequestHead;
import weir.http.RequestReceiver;
import weir.http.ResponseHead;
import weir.http.TlsFacts;
import weir.http2.Http2Sender.Turn;
import weir.http2.ResponseFields.Length;
import weir.loop.SlowPeer;

/**
 * One stream of a client's connection (RFC 9113 section 5.1): its request and the response to it. With {@link #finish}
 * (or a response head that is the last) the exchange is over for its receiver, although data may wait for the client's
 * windows. When that is sent and the client has not ended its request, what still comes is dropped, and the stream is
 * reset without an error once the client has read the response, or a second later: clients that find a reset in one read
 * with the response lose the response (curl 7.88). The client is given no more room meanwhile, so this is at most one
 * window. The object is used again for later streams. Confined to one event loop.
 */
final class Http2ClientStream implements ClientStream {
    private final Http2ClientConnection connection;
    private final Http2RequestBody body;
    private final Http2ResponseBody response;
    private final Lingering lingering = new Lingering();
    private int id;
    private int place;
    private boolean open;
    private boolean touched;

    /** A head with {@code content-length: 0} on a stream that has not ended: forwarded once the stream ends without data. */
    private @Nullable RequestHead undecided;

    private @Nullable RequestReceiver receiver;
    private boolean exchanging;
    private boolean responded;
    private boolean toHead;
    private boolean tunnelAsked;
    private boolean tunnelling;
    private boolean requestEnded;
    private long bodyTimeoutNanos;
    private int resetWith = Http2Error.NO_ERROR;

    Http2ClientStream(Http2ClientConnection connection) {
        this.connection = connection;
        this.body = new Http2RequestBody(this, connection);
        this.response = new Http2ResponseBody(this, connection);
    }

    int id() {
        return id;
    }

    /** Where it stands among the open ones. */
    int place() {
        return place;
    }

    void place(int at) {
        place = at;
    }

    boolean open() {
        return open;
    }

    /** Whoever has the events of the request, or null. */
    @Nullable
    RequestReceiver receiver() {
        return receiver;
    }

    Http2RequestBody body() {
        return body;
    }

    Http2ResponseBody response() {
        return response;
    }

    /** Notes whether the receiver has had events since its last {@link RequestReceiver#readComplete}; returns the old note. */
    boolean touched(boolean now) {
        boolean before = touched;
        touched = now;
        return before;
    }

    // The request

    private void begin(int on, RequestHead request, boolean whole) {
        id = on;
        open = true;
        exchanging = true;
        responded = false;
        toHead = request.method() == Method.HEAD;
        tunnelAsked = request.upgradesToWebSocket();
        tunnelling = false;
        requestEnded = whole;
        bodyTimeoutNanos = connection.bodyTimeoutNanos();
        resetWith = Http2Error.NO_ERROR;
        body.begin(request.contentLength(), whole, tunnelAsked);
        response.begin();
    }

    /** A valid head came. */
    void accept(int on, RequestHead request, boolean endStream) {
        begin(on, request, endStream);
        if (!endStream && !tunnelAsked && request.contentLength() == 0) {
            undecided = request;
        } else {
            deliver(request, endStream || tunnelAsked);
        }
    }

    private void deliver(RequestHead request, boolean whole) {
        RequestReceiver to = connection.requests().open(this);
        receiver = to;
        to.request(request, whole);
    }

    /** Whether a head with {@code content-length: 0} waits for the end of the stream. */
    boolean undecided() {
        return undecided != null;
    }

    /** Forwards that head, as the stream has ended: {@code whole}, or with trailers to follow. */
    void decide(boolean whole) {
        RequestHead waiting = undecided;
        if (waiting != null) {
            undecided = null;
            requestEnded = whole;
            deliver(waiting, whole);
        }
    }

    private @Nullable RequestHead takeUndecided() {
        RequestHead waiting = undecided;
        undecided = null;
        return waiting;
    }

    /** Logs a request that waited when its stream was closed; it gets no answer. */
    private void logUnanswered(@Nullable RequestHead waiting) {
        if (waiting != null) {
            connection.requests().open(this).rejected(waiting, MessageError.TRUNCATED);
        }
    }

    /** A head came that is refused: the receiver answers, and gets no other event. */
    void refuse(int on, RequestHead request, boolean endStream, MessageError error) {
        begin(on, request, endStream);
        tunnelAsked = false;
        resetWith = error.status() == 400 ? Http2Error.PROTOCOL_ERROR : Http2Error.NO_ERROR;
        connection.requests().open(this).rejected(request, error);
    }

    /** The receiver was told of the end of the request, or of the client's direction of a tunnel. */
    void requestEnded() {
        requestEnded = true;
        if (open && tunnelling) {
            tunnelEnd();
        }
    }

    /** What came of the body is not what the head said, or the trailers are wrong (section 8.1.1). */
    void malformed(MessageError error) {
        breakOff(error, Http2Error.PROTOCOL_ERROR);
    }

    @Override
    public long acknowledged() {
        return response.full() ? connection.acknowledged() : SlowPeer.NOTHING;
    }

    @Override
    public void bodyTimeout(long nanos) {
        bodyTimeoutNanos = nanos;
    }

    /** Whether the body comes too slowly; once the response has begun, the idle timeout counts both directions. */
    boolean bodyLate(long now) {
        return (receiver != null || undecided != null) && !responded && body.late(now, bodyTimeoutNanos);
    }

    /** The body came too slowly. */
    void tooSlow() {
        breakOff(MessageError.BODY_TIMEOUT, Http2Error.NO_ERROR);
    }

    private void breakOff(MessageError error, int code) {
        RequestHead waiting = takeUndecided();
        if (waiting != null) {
            resetWith = code;
            connection.requests().open(this).rejected(waiting, error);
            return;
        }
        RequestReceiver to = receiver;
        if (to == null) {
            if (exchanging || response.ended()) {
                return; // the answer is on its way
            }
            close(code);
            return;
        }
        resetWith = code;
        receiver = null;
        body.clear();
        to.broken(error);
    }

    // The response

    @Override
    public InetSocketAddress peer() {
        return connection.facts().peer();
    }

    @Override
    public InetSocketAddress local() {
        return connection.facts().local();
    }

    @Override
    public @Nullable TlsFacts tls() {
        return connection.facts().tls();
    }

    @Override
    public void inform(ResponseHead head) {
        if (exchanging && !responded) {
            writeHead(head, head.status(), Length.UNSAID, 0, false);
        }
    }

    @Override
    public void respond(ResponseHead head, boolean last) {
        if (!exchanging || responded) {
            return;
        }
        responded = true;
        int status = head.status();
        if (status == 101) {
            // The client asked by CONNECT, which is answered 200 (RFC 8441 section 5).
            ResponseFields.dropHandshake(head);
            response.announce(Http2ResponseBody.ANY);
            writeHead(head, 200, Length.UNSAID, 0, false);
            return;
        }
        if (tunnelAsked && status < 300) {
            status = 502; // a success without a WebSocket would be taken for one
        }
        boolean bodiless = toHead || status == 204 || status == 304;
        long bytes = last ? 0 : head.contentLength();
        Length length = Length.KNOWN;
        if (bodiless) {
            length = status == 204 ? Length.UNSAID : Length.AS_RECEIVED;
        } else if (bytes < 0) {
            length = Length.UNSAID;
        }
        response.announce(bodiless ? Http2ResponseBody.NONE : bytes < 0 ? Http2ResponseBody.ANY : bytes);
        writeHead(head, status, length, bytes, last);
        if (last) {
            response.endedWithHead();
            exchangeEnd();
            sentEnd();
        }
    }

    private void writeHead(ResponseHead head, int status, Length length, long bytes, boolean last) {
        int block = connection.responseFields().head(head, status, length, bytes);
        Fields fields = head.fields();
        connection.writer().headers(id, fields.array(), fields.length(), block, last);
        connection.count(Event.SENT);
    }

    @Override
    public void write(ByteBuf data) {
        if (!exchanging || !responded || response.ended()) {
            data.release();
        } else if (!response.write(data)) {
            abort(Http2Error.INTERNAL_ERROR);
        }
    }

    @Override
    public void finish(@Nullable Fields trailers) {
        if (!exchanging || !responded || response.ended()) {
            return;
        }
        if (!response.finish(block(trailers))) {
            close(Http2Error.INTERNAL_ERROR);
        } else if (tunnelling) {
            tunnelEnd();
        } else {
            exchangeEnd();
        }
    }

    private byte @Nullable [] block(@Nullable Fields trailers) {
        if (trailers == null || toHead) {
            return null;
        }
        int length = connection.responseFields().trailers(trailers);
        return length == 0 ? null : Arrays.copyOfRange(trailers.array(), trailers.length(), trailers.length() + length);
    }

    @Override
    public void flush() {
        connection.flushSoon();
    }

    @Override
    public boolean writable() {
        return response.writable();
    }

    @Override
    public Holding holding() {
        return connection.holding();
    }

    @Override
    public void pause() {
        body.pause();
    }

    @Override
    public void resume() {
        body.resume();
    }

    @Override
    public void tunnel() {
        if (exchanging && tunnelAsked && responded) {
            tunnelling = true;
            requestEnded = false;
            body.tunnel();
        }
    }

    /** Nothing: an answer ends its stream, and the others have nothing to do with it. */
    @Override
    public void closeAfterResponse() {}

    @Override
    public void reset() {
        if (exchanging) {
            response.drain();
            close(resetWith == Http2Error.NO_ERROR ? Http2Error.INTERNAL_ERROR : resetWith);
        }
    }

    Turn takeTurn() {
        return response.takeTurn();
    }

    // The end

    private void exchangeEnd() {
        exchanging = false;
        receiver = null;
        body.clear();
    }

    private void tunnelEnd() {
        if (requestEnded && response.ended()) {
            exchangeEnd();
            if (response.sent()) {
                letGo();
                connection.closed(this, false);
            }
        }
    }

    /** The end of the response went out. */
    void sentEnd() {
        if (resetWith != Http2Error.NO_ERROR) {
            close(resetWith);
        } else if (body.ended()) {
            letGo();
            connection.closed(this, false);
        } else if (tunnelling) {
            lingering.ofTunnel(connection.now());
        } else {
            lingering.ofRequest(connection.now());
            connection.askIfRead(this);
        }
    }

    /** Whether the response was sent and the request has not ended. */
    boolean lingering() {
        return lingering.awaitsRequestEnd();
    }

    /** Resets the stream, as the client has read the response. */
    void responseRead() {
        if (lingering()) {
            close(Http2Error.NO_ERROR);
        }
    }

    /** Resets a stream whose response was sent long ago and that the client has not ended. */
    void tick(long nowNanos) {
        if (lingering.requestOverdue(nowNanos)) {
            close(Http2Error.NO_ERROR);
            connection.flushSoon();
        } else if (lingering.tunnelOverdue(nowNanos)) {
            endServedTunnel();
        }
    }

    /** Ends a WebSocket that its backend has ended: some browsers never end their side (Chrome 150). */
    private void endServedTunnel() {
        RequestReceiver to = receiver;
        close(Http2Error.NO_ERROR);
        if (to != null) {
            to.end(null);
        }
        connection.flushSoon();
    }

    /** Closes an answered stream whose request has ended by itself: it needs no reset. */
    void inputEnded() {
        if (lingering()) {
            letGo();
            connection.closed(this, false);
        }
    }

    /** Ends the stream at once with a reset; the receiver hears nothing. */
    void close(int error) {
        if (open) {
            letGo();
            connection.writeReset(this, error);
        }
    }

    /** Ends the stream at once with a reset and tells the receiver. */
    void abort(int error) {
        RequestReceiver to = receiver;
        RequestHead waiting = takeUndecided();
        close(error);
        if (to != null) {
            to.aborted();
        }
        logUnanswered(waiting);
    }

    /** The client reset the stream, or is gone. */
    void gone() {
        if (!open) {
            return;
        }
        RequestReceiver to = receiver;
        RequestHead waiting = takeUndecided();
        letGo();
        connection.closed(this, false);
        if (to != null) {
            to.aborted();
        }
        logUnanswered(waiting);
    }

    /** The connection was reset, since it holds too much memory. */
    void shed() {
        RequestReceiver to = receiver;
        if (open) {
            RequestHead waiting = takeUndecided();
            letGo();
            connection.closed(this, false);
            if (to != null) {
                to.shed();
            }
            logUnanswered(waiting);
        }
    }

    private void letGo() {
        open = false;
        exchanging = false;
        lingering.end();
        receiver = null;
        body.clear();
        response.clear();
    }
}
