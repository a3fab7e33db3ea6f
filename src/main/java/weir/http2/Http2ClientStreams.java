package weir.http2;

import io.netty.util.collection.IntObjectHashMap;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The streams of a client's connection: those open, those closed a moment ago, of which frames may still be under way,
 * and the objects of old ones, used again. Confined to one event loop.
 */
final class Http2ClientStreams {
    private static final int REMEMBERED = 128;
    private static final int KEPT = 128;

    private final Http2ClientConnection connection;
    private final IntObjectHashMap<Http2ClientStream> byId = new IntObjectHashMap<>(16);
    private Http2ClientStream[] open = new Http2ClientStream[8];
    private int count;
    private int last;

    private final Http2ClientStream[] free = new Http2ClientStream[KEPT];
    private int freeCount;

    /** The last streams that closed in the client's sight, and the last that we reset, which it may not know yet. */
    private final int[] closed = new int[REMEMBERED];

    private final int[] reset = new int[REMEMBERED];
    private int closedCount;
    private int resetCount;

    Http2ClientStreams(Http2ClientConnection connection) {
        this.connection = connection;
    }

    /** How many are open. */
    int count() {
        return count;
    }

    /** An open one, by its place from 0. */
    Http2ClientStream at(int place) {
        return open[place];
    }

    /** The open one of that id, or null. */
    @Nullable
    Http2ClientStream get(int id) {
        return byId.get(id);
    }

    /** The highest id a client used. */
    int last() {
        return last;
    }

    /** The client uses that id. */
    void last(int id) {
        last = id;
    }

    Http2ClientStream open(int id) {
        Http2ClientStream stream;
        if (freeCount > 0) {
            stream = free[--freeCount];
        } else {
            stream = new Http2ClientStream(connection);
        }
        if (count == open.length) {
            open = Arrays.copyOf(open, count * 2);
        }
        stream.place(count);
        open[count++] = stream;
        byId.put(id, stream);
        return stream;
    }

    /** Takes a stream out; {@code byUs}: it was reset, and the client may not know yet. */
    void close(Http2ClientStream stream, int id, boolean byUs) {
        byId.remove(id);
        Http2ClientStream moved = open[--count];
        open[stream.place()] = moved;
        moved.place(stream.place());
        open[count] = null;
        if (freeCount < KEPT) {
            free[freeCount++] = stream;
        }
        if (byUs) {
            refused(id);
        } else {
            closed[closedCount++ & REMEMBERED - 1] = id;
        }
    }

    /** A stream was reset, and the client may not know yet. */
    void refused(int id) {
        reset[resetCount++ & REMEMBERED - 1] = id;
    }

    /** Whether the client may not know yet that the stream is closed. */
    boolean ignores(int id) {
        return contains(reset, id);
    }

    /** Whether the client closed the stream a moment ago, or saw it closed. */
    boolean wasOpen(int id) {
        return contains(closed, id);
    }

    private static boolean contains(int[] ids, int id) {
        for (int known : ids) {
            if (known == id) {
                return true;
            }
        }
        return false;
    }
}
