package weir.http2;

import java.util.Arrays;

/**
 * Streams of a backend connection whose response ended before their request, to be reset at the end of the current read: most
 * backends reset such a stream themselves right after the response. Confined to one event loop.
 */
final class AnsweredStreams {
    private int[] ids = new int[4];
    private int count;

    /** Adds a stream to be reset. */
    void add(int stream) {
        if (count == ids.length) {
            ids = Arrays.copyOf(ids, count * 2);
        }
        ids[count++] = stream;
    }

    /** Removes a stream that the backend has reset; false when it was not to be reset. */
    boolean remove(int stream) {
        for (int i = 0; i < count; i++) {
            if (ids[i] == stream) {
                ids[i] = ids[--count];
                return true;
            }
        }
        return false;
    }

    boolean isEmpty() {
        return count == 0;
    }

    /** Removes one of the streams and returns its id. */
    int take() {
        return ids[--count];
    }
}
