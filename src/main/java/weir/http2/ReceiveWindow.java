package weir.http2;

import org.jspecify.annotations.Nullable;
import weir.http.Holding;

/**
 * Flow-control window of one stream that a peer sends on (RFC 9113 section 5.2). Opens by what the receiver took, half a
 * window at a time, and by more when {@link WindowGrowth} asks for a larger one and the loop's byte budget allows it.
 * Confined to one event loop.
 */
final class ReceiveWindow {
    /** SETTINGS_INITIAL_WINDOW_SIZE towards clients and backends, in bytes. */
    static final int FIRST = 128 * 1024;

    /** Bytes of a window that do not count as held. */
    private static final int FREE = 256 * 1024;

    private final WindowGrowth growth;
    private @Nullable Holding holding;
    private int size = FIRST;
    private int available = FIRST;
    private int taken;
    private int behind;
    private boolean grown;

    ReceiveWindow(WindowGrowth growth) {
        this.growth = growth;
    }

    /** Sets who counts the bytes granted beyond {@link #FREE}; without one the window stays below. */
    void holding(@Nullable Holding counts) {
        holding = counts;
    }

    /** Resets the window for a new stream. */
    void begin(@Nullable Holding counts) {
        holding = counts;
        size = FIRST;
        available = FIRST;
        taken = 0;
        behind = 0;
    }

    /** Takes a frame's bytes, padding included, from the window; false when they exceed it. */
    boolean admits(int bytes) {
        available -= bytes;
        growth.arrived(bytes);
        return available >= 0;
    }

    /**
     * Counts bytes that the receiver took; {@code waits}: more bytes are pending for it. Returns the increment of the
     * WINDOW_UPDATE to send, 0 for none yet.
     */
    int took(int bytes, boolean waits) {
        growth.taken(waits);
        taken += bytes;
        if (taken < size / 2) {
            return 0;
        }
        int update = taken;
        taken = 0;
        grown = false;
        if (waits) {
            update -= fallBehind(update);
        } else {
            update += keepUp();
        }
        available += update;
        return update;
    }

    /** Whether the last update left the window's size unchanged, so that a round trip can be measured with it. */
    boolean settled() {
        return !grown;
    }

    /** Shrinks the window of a receiver that had bytes pending throughout two windows: it is slower than the peer. */
    private int fallBehind(int bytes) {
        behind = Math.min(behind + bytes, 2 * WindowGrowth.MOST);
        if (behind < size * 2) {
            return 0;
        }
        int less = Math.min(bytes, size - FIRST);
        resize(size - less);
        return less;
    }

    private int keepUp() {
        behind = 0;
        int before = size;
        for (int to = growth.window(); to > size && !grow(to); ) {
            to /= 2;
        }
        grown = size > before;
        return size - before;
    }

    private boolean grow(int to) {
        int more = counted(to) - counted(size);
        Holding counts = holding;
        if (more > 0 && (counts == null || !counts.grant(more))) {
            return false;
        }
        size = to;
        return true;
    }

    private void resize(int to) {
        Holding counts = holding;
        int less = counted(size) - counted(to);
        size = to;
        if (less > 0 && counts != null) {
            counts.giveBack(less);
        }
    }

    private static int counted(int size) {
        return Math.max(0, size - FREE);
    }

    /** Gives back what was granted, as the stream has ended. */
    void end() {
        resize(FIRST);
        holding = null;
    }
}
