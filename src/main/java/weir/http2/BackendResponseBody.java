package weir.http2;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;
import weir.http.ResponseReceiver;

/**
 * The body of one stream's response on its way to the receiver. While the receiver pauses, what comes is held, at most
 * one stream window, and the backend may send more only as it is delivered, which it is told half a window at a time.
 * Confined to one event loop.
 */
final class BackendResponseBody {
    private final Http2BackendHandler connection;
    private final Http2BackendStream stream;
    private final StreamResponse response;
    private final ReceiveWindow window;
    private @Nullable BufferQueue held;
    private long expected;
    private boolean paused;
    private boolean ended;
    private boolean wakeScheduled;

    BackendResponseBody(Http2BackendHandler connection, Http2BackendStream stream, StreamResponse response) {
        this.connection = connection;
        this.stream = stream;
        this.response = response;
        this.window = new ReceiveWindow(connection.growth());
    }

    /** So many bytes are to come, or {@link weir.http.ResponseHead#UNKNOWN_LENGTH}. */
    void expect(long length) {
        expected = length;
        ResponseReceiver to = response.receiver();
        window.holding(to == null ? null : to.holding());
    }

    /** A frame of so many bytes, with its padding, comes; false when it is more than the window allows. */
    boolean arrived(int bytes) {
        return window.admits(bytes);
    }

    /** So many bytes of the body come; false when there are to be fewer. */
    boolean counts(int bytes) {
        if (ended || (expected >= 0 && bytes > expected)) {
            return false;
        }
        if (expected > 0) {
            expected -= bytes;
        }
        return true;
    }

    /** Takes a part over, to deliver it now or, if {@code later} or one before it waits, in a later turn. */
    void take(ByteBuf part, boolean later) {
        if (!part.isReadable()) {
            part.release();
        } else if (later || paused || holds()) {
            hold(part);
        } else {
            deliver(part);
        }
    }

    private boolean holds() {
        return held != null && held.bytes() > 0;
    }

    private void hold(ByteBuf part) {
        BufferQueue all = held;
        if (all == null) {
            ResponseReceiver to = response.receiver();
            all = new BufferQueue(to == null ? null : to.holding());
            held = all;
        }
        all.addWaiting(part, connection.alloc());
    }

    private void deliver(ByteBuf part) {
        int bytes = part.readableBytes();
        if (response.deliver(part)) {
            credit(bytes);
        }
    }

    /** So many bytes are dealt with: the backend may send others. */
    void credit(int bytes) {
        if (bytes <= 0 || ended || !response.open()) {
            return;
        }
        int more = window.took(bytes, holds());
        if (more > 0) {
            connection.writer().windowUpdate(stream.id(), more);
            if (window.settled()) {
                connection.measureRoundTrip();
            }
        }
    }

    /** The backend ends its direction; false when more is to come. */
    boolean end() {
        if (expected > 0) {
            return false;
        }
        ended = true;
        return true;
    }

    /** Whether the backend has ended its direction. */
    boolean ended() {
        return ended;
    }

    /** Whether all of the body was delivered. */
    boolean drained() {
        return ended && !holds();
    }

    /** Lets go of what is held. */
    void discard() {
        window.end();
        BufferQueue all = held;
        held = null;
        if (all != null) {
            all.clear();
        }
    }

    void pause() {
        paused = true;
    }

    void resume() {
        if (paused) {
            paused = false;
            wakeIfHeld();
        }
    }

    /** Delivers what is held, and the end, in a later turn. */
    void wakeIfHeld() {
        if (!wakeScheduled && (ended || holds())) {
            wakeScheduled = true;
            connection.soon(this::woken);
        }
    }

    private void woken() {
        wakeScheduled = false;
        BufferQueue all = held;
        while (all != null && !paused && response.open() && all.bytes() > 0) {
            deliver(all.take(Integer.MAX_VALUE));
        }
        if (response.open() && drained()) {
            response.end();
        } else {
            response.readComplete();
        }
        connection.flushSoon();
    }
}
