package weir.http2;

import java.util.concurrent.TimeUnit;

/**
 * How large the windows of a connection's streams are to be, so that a body uses the link: at least what is on its way
 * in one round trip. A PING is sent behind an update of a window, when half of it is on its way; when about as much came before
 * the answer, and the receiver took it on, the window was what held the peer back, and it becomes four times as large. The method is that of gRPC's
 * BDP probe. Confined to one event loop.
 */
final class WindowGrowth {
    /** The largest window, in bytes: of a stream, and what the peer is told of the connection's from the beginning. */
    static final int MOST = 4 * 1024 * 1024;

    /** The opaque data of these PINGs. */
    static final long PING = 0x7765_6972_7769_6e64L;

    /** A step takes about two round trips, in which the peer's congestion window may double twice. */
    private static final int FACTOR = 4;

    /** After a round trip that did not use the window, the next is measured so much later. */
    private static final long PAUSE = TimeUnit.MILLISECONDS.toNanos(200);

    private int window = ReceiveWindow.FIRST;
    private boolean asked;
    private boolean behind;
    private boolean resting;
    private long restsSince;
    private long arrived;

    /** The window a stream may have whose bytes are taken on at once. */
    int window() {
        return window;
    }

    /** So many bytes of any stream came. */
    void arrived(int bytes) {
        arrived += bytes;
    }

    /** A receiver took something; {@code waits}: that was not all there is. */
    void taken(boolean waits) {
        behind = waits;
    }

    /** Whether a PING is to be sent now, behind the update of a window. */
    boolean asks(long nowNanos) {
        if (asked || behind || window >= MOST || (resting && nowNanos - restsSince < PAUSE)) {
            return false;
        }
        asked = true;
        arrived = 0;
        return true;
    }

    /** The answer to that PING came. */
    void answered(long nowNanos) {
        if (asked) {
            asked = false;
            resting = behind || arrived < window / 3;
            if (resting) {
                restsSince = nowNanos;
            } else {
                window = Math.min(MOST, window * FACTOR);
            }
        }
    }
}
