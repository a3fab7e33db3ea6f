package weir.http2;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;
import weir.http.Fields;
import weir.http.HeadPool;
import weir.http.MessageError;
import weir.http.RequestHead;
import weir.http.RequestReceiver;

/**
 * The body of a stream's request, or the client's direction of a tunnel. What comes while the receiver has paused is
 * held, at most one window of it, since the client is given room on the stream only for what the receiver took. Confined
 * to one event loop.
 */
final class Http2RequestBody {
    private final Http2ClientStream stream;
    private final Http2ClientConnection connection;
    private final HeadPool heads;
    private final BufferQueue held;
    private final ReceiveWindow window;
    private final Runnable wake = this::woken;

    private long left;
    private boolean ended;
    private boolean told;
    private boolean paused;
    private boolean awaitsTunnel;
    private boolean wakeScheduled;
    private @Nullable RequestHead trailers;
    private long since;

    Http2RequestBody(Http2ClientStream stream, Http2ClientConnection connection) {
        this.stream = stream;
        this.connection = connection;
        this.heads = connection.heads();
        this.held = new BufferQueue(connection.holding());
        this.window = new ReceiveWindow(connection.growth());
    }

    /** A request begins; {@code length} of its body in bytes, or {@link RequestHead#UNKNOWN_LENGTH}. */
    void begin(long length, boolean whole, boolean tunnel) {
        window.begin(connection.holding());
        left = tunnel ? RequestHead.UNKNOWN_LENGTH : length;
        ended = whole;
        told = whole;
        paused = false;
        awaitsTunnel = tunnel;
        since = connection.now();
    }

    /** Whether the client sends nothing more. */
    boolean ended() {
        return ended;
    }

    /** Takes the room of a frame; false when there is not so much. */
    boolean admits(int bytes) {
        return window.admits(bytes);
    }

    /** Takes a part of a frame over. */
    void received(ByteBuf part, int padding, boolean endStream) {
        int bytes = part.readableBytes();
        boolean tooMuch = left >= 0 && bytes > left;
        left = left >= 0 ? left - bytes : left;
        ended |= endStream;
        since = connection.now();
        if (tooMuch || (endStream && left > 0)) {
            part.release();
            stream.malformed(MessageError.CONTENT_LENGTH);
            return;
        }
        if (stream.undecided()) {
            part.release();
            if (endStream) {
                told = true;
                stream.decide(true);
            }
            return;
        }
        RequestReceiver to = stream.receiver();
        if (to == null) {
            part.release();
            return;
        }
        credit(padding);
        if (bytes == 0) {
            part.release();
        } else if (blocked() || held.bytes() > 0) {
            held.addWaiting(part, connection.alloc());
        } else {
            deliver(to, part, bytes);
        }
        if (endStream) {
            tellEnd();
        }
    }

    /** The trailers came, valid ones; ownership passes. */
    void trailers(RequestHead last) {
        ended = true;
        if (left > 0) {
            heads.release(last);
            stream.malformed(MessageError.CONTENT_LENGTH);
            return;
        }
        trailers = last;
        tellEnd();
    }

    /** The client's last word came, and nobody waits for it. */
    void endUnheard() {
        ended = true;
    }

    private boolean blocked() {
        return paused || awaitsTunnel;
    }

    private void deliver(RequestReceiver to, ByteBuf part, int bytes) {
        connection.touched(stream);
        to.body(part);
        credit(bytes);
    }

    /** The receiver took so much: there is room for more. */
    private void credit(int bytes) {
        if (ended || !stream.open()) {
            return;
        }
        int more = window.took(bytes, held.bytes() > 0);
        if (more > 0) {
            connection.writer().windowUpdate(stream.id(), more);
            if (window.settled()) {
                connection.measureRoundTrip();
            }
            connection.flushSoon();
        }
    }

    private void tellEnd() {
        RequestReceiver to = stream.receiver();
        if (!ended || told || to == null || blocked() || held.bytes() > 0) {
            return;
        }
        told = true;
        RequestHead last = trailers;
        trailers = null;
        Fields fields = last == null || last.fields().count() == 0 ? null : last.fields();
        to.end(fields);
        stream.requestEnded();
        if (last != null) {
            heads.release(last);
        }
    }

    void pause() {
        paused = true;
    }

    void resume() {
        if (paused) {
            paused = false;
            since = connection.now();
            wakeIfHeld();
        }
    }

    /** What came and what comes are a tunnel's bytes. */
    void tunnel() {
        awaitsTunnel = false;
        wakeIfHeld();
    }

    /** Has what is held delivered, soon. */
    private void wakeIfHeld() {
        if (!wakeScheduled && (held.bytes() > 0 || (ended && !told))) {
            wakeScheduled = true;
            connection.execute(wake);
        }
    }

    private void woken() {
        wakeScheduled = false;
        try {
            deliverHeld();
        } catch (RuntimeException | Error bug) {
            connection.broke(bug); // nobody else hears of it
        }
    }

    private void deliverHeld() {
        RequestReceiver to = stream.receiver();
        if (to == null) {
            return;
        }
        while (!blocked() && held.bytes() > 0 && stream.receiver() == to) {
            ByteBuf part = held.take(Integer.MAX_VALUE);
            int bytes = part.readableBytes();
            to.body(part);
            credit(bytes);
        }
        if (stream.receiver() == to) {
            tellEnd();
        }
        if (stream.receiver() == to) {
            to.readComplete();
        }
    }

    /** Whether the client owes bytes and has sent none for so long; 0 means it may take any time. */
    boolean late(long nowNanos, long limitNanos) {
        return limitNanos > 0 && !ended && !blocked() && held.bytes() == 0 && nowNanos - since >= limitNanos;
    }

    /** Lets everything go; what still comes is thrown away. */
    void clear() {
        held.clear();
        window.end();
        RequestHead last = trailers;
        if (last != null) {
            trailers = null;
            heads.release(last);
        }
    }
}
