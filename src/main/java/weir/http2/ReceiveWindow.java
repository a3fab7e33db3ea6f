package weir.http2;

import org.jspecify.annotations.Nullable;
import weir.http.Holding;

/**
 * What a peer may still send on one stream (RFC 9113 section 5.2). It is given room for what the receiver took, half a window
 * at a time, and more than that when {@link WindowGrowth} says so and the loop's byte budget has room for it. Confined to one
 * event loop.
 */
final class ReceiveWindow {
    /** SETTINGS_INITIAL_WINDOW_SIZE of both sides, in bytes: what a stream may send at first without its being taken. */
    static final int FIRST = 128 * 1024;

    /** A window of so many bytes is not counted as held. */
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

    /** A stream begins; {@code holding} counts what is granted beyond the first window. */
    void begin(@Nullable Holding counts) {
        holding = counts;
        size = FIRST;
        available = FIRST;
        taken = 0;
        behind = 0;
    }

    /** A frame of so many bytes comes, its padding with it; false when that is more than was granted. */
    boolean admits(int bytes) {
        available -= bytes;
        growth.arrived(bytes);
        return available >= 0;
    }

    /**
     * The receiver took so many bytes; {@code waits}: others wait for it. Returns by how much the window is to be opened, 0
     * when that is not worth a frame yet.
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

    /** Whether the last update was room for what was taken and no more: then the window is what the peer is used to. */
    boolean settled() {
        return !grown;
    }

    /** A receiver that never took all for the length of two windows is slower than the peer: room for the first will do. */
    private int fallBehind(int bytes) {
        behind += bytes;
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

    /** The stream is over: nothing is granted any more. */
    void end() {
        resize(FIRST);
        holding = null;
    }
}
