package weir.http2;

/**
 * How much a backend may send on one stream: what was delivered is given back, half a window at a time. Confined to one
 * event loop.
 */
final class ReceiveWindow {
    /** What a stream may send without having it delivered: what a slow client makes Weir hold at most. */
    static final int BYTES = 128 * 1024;

    private int available = BYTES;
    private int delivered;

    /** A frame of so many bytes comes; false when it is more than allowed. */
    boolean arrived(int bytes) {
        available -= bytes;
        return available >= 0;
    }

    /** So many bytes are dealt with. Returns by how much to open the window now, or 0. */
    int delivered(int bytes) {
        delivered += bytes;
        if (delivered < BYTES / 2) {
            return 0;
        }
        int update = delivered;
        delivered = 0;
        available += update;
        return update;
    }
}
