package weir.http2;

import io.netty.channel.Channel;
import java.util.ArrayDeque;

/**
 * Shares what a client takes among the streams that have something to send: in turns, a frame each, as far as the
 * client's windows and the socket go (RFC 9113 section 5.2). Confined to one event loop.
 */
final class Http2Sender {
    static final int FIRST_WINDOW = 65_535;

    private final Channel channel;
    private final FrameWriter writer;
    private final ArrayDeque<Http2ClientStream> ring = new ArrayDeque<>();
    private int window = FIRST_WINDOW;
    private int streamWindow = FIRST_WINDOW;

    /** What became of a turn. */
    enum Turn {
        /** There is more to send, and it may be sent. */
        MORE,
        /** The connection's window is used up. */
        WAIT,
        /** There is nothing more, or the stream's window is used up. */
        DONE
    }

    Http2Sender(Channel channel, FrameWriter writer) {
        this.channel = channel;
        this.writer = writer;
    }

    FrameWriter writer() {
        return writer;
    }

    /** What may be sent on all streams together. */
    int window() {
        return window;
    }

    /** What may be sent on a new stream. */
    int streamWindow() {
        return streamWindow;
    }

    void streamWindow(int bytes) {
        streamWindow = bytes;
    }

    /** So much was sent. */
    void used(int bytes) {
        window -= bytes;
    }

    /** The client takes more on all streams together; false when that is too much. */
    boolean extend(int bytes) {
        if ((long) window + bytes > Integer.MAX_VALUE) {
            return false;
        }
        window += bytes;
        return true;
    }

    /** The stream has something to send. */
    void add(Http2ClientStream stream) {
        ring.addLast(stream);
    }

    /** The stream has nothing to send any more. */
    void remove(Http2ClientStream stream) {
        ring.remove(stream);
    }

    /** Writes what may be written; it is sent with the next flush. */
    void send() {
        int waiting = 0;
        while (waiting < ring.size() && channel.isWritable()) {
            Http2ClientStream stream = ring.pollFirst();
            if (stream == null) {
                return;
            }
            Turn turn = stream.takeTurn();
            waiting = turn == Turn.WAIT ? waiting + 1 : 0;
        }
    }
}
