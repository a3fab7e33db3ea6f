package weir.http2;

import java.util.concurrent.TimeUnit;

/**
 * Target size of the stream windows of one connection: the bandwidth-delay product, so that a body can use the whole link. A
 * PING follows a WINDOW_UPDATE, when half a window is in flight. If about that much arrives before its ACK, and the receiver
 * keeps up, the window limits the peer, and the target is multiplied by four. After gRPC's BDP estimator. Confined to one
 * event loop.
 */
final class WindowGrowth {
    /** Largest window of a stream, and the window of the connection, in bytes. */
    static final int MOST = 4 * 1024 * 1024;

    /** Opaque data of the measuring PING. */
    static final long PING = 0x7765_6972_7769_6e64L;

    /** A step takes about two round trips, in which the peer's congestion window may double twice. */
    private static final int FACTOR = 4;

    /** Pause before the next measurement when a round trip did not use the window. */
    private static final long PAUSE = TimeUnit.MILLISECONDS.toNanos(200);

    private int window = ReceiveWindow.FIRST;
    private boolean asked;
    private boolean behind;
    private boolean resting;
    private long restsSince;
    private long arrived;

    /** The target size of a window in bytes. */
    int window() {
        return window;
    }

    /** Counts bytes that arrived on any stream. */
    void arrived(int bytes) {
        arrived += bytes;
    }

    /** Notes that a receiver took bytes; {@code waits}: more are pending for it. */
    void taken(boolean waits) {
        behind = waits;
    }

    /** Begins a measurement if one is due: whether the caller must send the PING, right after a WINDOW_UPDATE. */
    boolean asks(long nowNanos) {
        if (asked || behind || window >= MOST || (resting && nowNanos - restsSince < PAUSE)) {
            return false;
        }
        asked = true;
        arrived = 0;
        return true;
    }

    /** Ends the measurement, as the PING was acknowledged. */
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
