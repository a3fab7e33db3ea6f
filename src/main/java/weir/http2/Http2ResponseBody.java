package weir.http2;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;
import weir.http.FloodGuard.Event;
import weir.http.RequestReceiver;
import weir.http2.Http2Sender.Turn;
import weir.loop.SlowPeer;

/**
 * What a stream still has to send: data, at most a bounded queue of it, and the end. Frames are made in turns with the
 * other streams, as far as windows go. Confined to one event loop.
 */
final class Http2ResponseBody {
    /** When a stream takes no more, in bytes waiting; what it has been given by then is one read of a backend more. */
    private static final int HIGH = 64 * 1024;

    private static final int LOW = 32 * 1024;

    /** The length of a body that must not be written: what is written is thrown away. */
    static final long NONE = -2;

    /** The length of a body that was not announced. */
    static final long ANY = -1;

    private final Http2ClientStream stream;
    private final Http2ClientConnection connection;
    private final Http2Sender sender;
    private final BufferQueue queue;

    private int window;
    private long left;
    private boolean ended;
    private boolean sent;
    private boolean inRing;
    private boolean full;
    private byte @Nullable [] trailers;
    private long since;
    private final SlowPeer slow = new SlowPeer();

    Http2ResponseBody(Http2ClientStream stream, Http2ClientConnection connection) {
        this.stream = stream;
        this.connection = connection;
        this.sender = connection.sender();
        this.queue = new BufferQueue(connection.holding());
    }

    void begin() {
        window = sender.streamWindow();
        left = NONE;
        ended = false;
        sent = false;
        full = false;
        trailers = null;
    }

    /** The head went out; the body has so many bytes. */
    void announce(long bytes) {
        left = bytes;
    }

    /** The head went out and is all there is. */
    void endedWithHead() {
        ended = true;
        sent = true;
    }

    /** Takes a buffer over; false, and nothing taken, when it is more than was announced. */
    boolean write(ByteBuf data) {
        int bytes = data.readableBytes();
        if (left == NONE || bytes == 0) {
            data.release();
            return true;
        }
        if (left >= 0) {
            if (bytes > left) {
                data.release();
                return false;
            }
            left -= bytes;
        }
        if (queue.bytes() == 0) {
            since = connection.now();
        }
        queue.add(data, connection.alloc());
        full |= queue.bytes() >= HIGH;
        join();
        return true;
    }

    /** Ends the body; false when it is less than was announced. */
    boolean finish(byte @Nullable [] last) {
        if (left > 0) {
            return false;
        }
        if (queue.bytes() == 0) {
            since = connection.now();
        }
        trailers = last;
        ended = true;
        join();
        return true;
    }

    /** Whether nothing more is to be written. */
    boolean ended() {
        return ended;
    }

    /** Whether the end went out. */
    boolean sent() {
        return sent;
    }

    boolean writable() {
        return !full && !connection.holding().stopped();
    }

    /** Whether it is the stream itself that is full. */
    boolean full() {
        return full;
    }

    private void join() {
        if (!inRing) {
            inRing = true;
            sender.add(stream);
        }
    }

    /** The client takes so much more, or less, on this stream; false when that is too much. */
    boolean extend(long bytes) {
        if (window + bytes > Integer.MAX_VALUE) {
            return false;
        }
        window += (int) bytes;
        if (window > 0 && queue.bytes() > 0) {
            join();
        }
        return true;
    }

    Turn takeTurn() {
        inRing = false;
        Turn turn = sendFrame();
        if (turn != Turn.DONE && !sent && stream.open()) {
            join();
        }
        return turn;
    }

    /** Makes frames of all that windows allow, out of turn: nothing can be sent later. */
    void drain() {
        while (!sent && stream.open() && queue.bytes() > 0 && sendFrame() == Turn.MORE) {
            since = connection.now();
        }
    }

    private Turn sendFrame() {
        int waiting = queue.bytes();
        if (waiting == 0) {
            end();
            return Turn.DONE;
        }
        int room = Math.min(window, sender.window());
        if (room <= 0) {
            queue.unpin(connection.alloc()); // it may wait for long
            return window <= 0 ? Turn.DONE : Turn.WAIT;
        }
        int bytes = Math.min(Math.min(waiting, room), FrameReader.MOST_PAYLOAD);
        boolean last = ended && bytes == waiting && trailers == null;
        sender.writer().data(stream.id(), queue, bytes, last);
        window -= bytes;
        sender.used(bytes);
        connection.count(Event.SENT);
        connection.holding().progress();
        since = connection.now();
        if (last) {
            sentWhole();
            return Turn.DONE;
        }
        relieve();
        return queue.bytes() > 0 || ended ? Turn.MORE : Turn.DONE;
    }

    private void end() {
        if (!ended || sent) {
            return;
        }
        byte[] last = trailers;
        if (last == null) {
            sender.writer().data(stream.id(), queue, 0, true);
        } else {
            sender.writer().headers(stream.id(), last, 0, last.length, true);
        }
        sentWhole();
    }

    private void sentWhole() {
        sent = true;
        trailers = null;
        stream.sentEnd();
    }

    private void relieve() {
        if (full && queue.bytes() <= LOW) {
            full = false;
            RequestReceiver to = stream.receiver();
            if (to != null) {
                to.writable();
            }
        }
    }

    /** Whether something waits and the client has taken nothing for so long; 0 means it may take any time. */
    boolean late(long nowNanos, long limitNanos) {
        if (limitNanos <= 0 || !ended || sent) {
            return false;
        }
        if (slow.asks(nowNanos, since, limitNanos)) {
            since = slow.silentSince(nowNanos, since, limitNanos, connection.acknowledged());
        }
        return nowNanos - since >= limitNanos;
    }

    /** Copies what has waited since the last tick and holds much more memory than it has bytes. */
    void unpin() {
        queue.unpin(connection.alloc());
    }

    /** Whether something waits for a window. */
    boolean stuck() {
        return queue.bytes() > 0 && Math.min(window, sender.window()) <= 0;
    }

    /** Lets everything go. */
    void clear() {
        queue.clear();
        trailers = null;
        if (inRing) {
            inRing = false;
            sender.remove(stream);
        }
    }
}
