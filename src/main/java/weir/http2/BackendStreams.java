package weir.http2;

import io.netty.util.collection.IntObjectHashMap;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * The streams of one connection to a backend by their identifiers, and the windows within which they send (RFC 9113
 * section 5.2). When the connection's window is used up, those that have something to send take turns as it opens
 * again. Confined to one event loop.
 */
final class BackendStreams {
    static final int FIRST_WINDOW = 65_535;
    private static final int TURN = FrameReader.MOST_PAYLOAD;
    private static final int LAST_ID = Integer.MAX_VALUE - 2;

    private final IntObjectHashMap<Http2BackendStream> byId = new IntObjectHashMap<>();
    private final ArrayDeque<Http2BackendStream> waiting = new ArrayDeque<>();
    private int nextId = 1;
    private int window = FIRST_WINDOW;
    private int streamWindow = FIRST_WINDOW;

    /** Gives a stream its identifier. */
    int add(Http2BackendStream stream) {
        int id = nextId;
        nextId += 2;
        byId.put(id, stream);
        return id;
    }

    void remove(int id) {
        byId.remove(id);
    }

    /** The open stream of that identifier, or null. */
    @Nullable
    Http2BackendStream find(int id) {
        return byId.get(id);
    }

    /** Whether there is, or was, a stream of that identifier. */
    boolean opened(int id) {
        return (id & 1) == 1 && id < nextId;
    }

    /** Whether there are no identifiers left. */
    boolean exhausted() {
        return nextId >= LAST_ID;
    }

    /** Those that are open now; a copy. */
    Http2BackendStream[] all() {
        return byId.values().toArray(new Http2BackendStream[0]);
    }

    // Sending

    /** What a new stream may send at first. */
    int streamWindow() {
        return streamWindow;
    }

    /** What all streams together may send. */
    int window() {
        return window;
    }

    /** So many bytes are sent. */
    void sent(int bytes) {
        window -= bytes;
    }

    /** The stream has its turn when the connection's window opens. */
    void await(Http2BackendStream stream) {
        waiting.add(stream);
    }

    /** The connection's window opens by so much; false when that is too much. */
    boolean open(int bytes) {
        if (window > Integer.MAX_VALUE - bytes) {
            return false;
        }
        boolean opens = window <= 0;
        window += bytes;
        while (window > 0 && !waiting.isEmpty()) {
            waiting.poll().turn(TURN);
        }
        if (opens && window > 0) {
            tellWritable();
        }
        return true;
    }

    /** The backend sets the window that streams begin with; open ones move by the difference (section 6.9.2). */
    boolean streamWindow(int bytes) {
        int difference = bytes - streamWindow;
        streamWindow = bytes;
        for (Http2BackendStream stream : all()) {
            if (!stream.windowMoved(difference)) {
                return false;
            }
        }
        return true;
    }

    /** Those that were told to wait and may write now are told so. */
    void tellWritable() {
        for (Http2BackendStream stream : all()) {
            stream.tellWritable();
        }
    }
}
