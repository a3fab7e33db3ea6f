package weir.http3;

import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicConnectionStats;
import io.netty.util.concurrent.Future;
import weir.http.Holding;

/**
 * Estimate of the bytes that a client has sent on paused streams. The QUIC library buffers them, up to the window of the
 * connection, which grows to 24 MiB, and does not report them: so this counts the bytes that arrived since the first of these
 * streams paused, minus those read from other streams. Confined to one event loop.
 */
final class UnreadInput {
    private final QuicChannel channel;
    private final Holding holding;
    private int paused;
    private long before;
    private long read;
    private int counted;

    UnreadInput(QuicChannel channel, Holding holding) {
        this.channel = channel;
        this.holding = holding;
    }

    /** One more stream is paused. */
    void paused() {
        if (paused++ == 0) {
            before = arrived();
            read = 0;
        }
    }

    /** A paused stream is read again, or closed. */
    void resumed() {
        if (--paused == 0) {
            counted = holding.change(counted, 0);
        }
    }

    /** Counts bytes of a body that were read. */
    void read(int bytes) {
        read += bytes;
    }

    /** Updates the estimate, at the loop's tick. */
    void tick() {
        if (paused > 0) {
            long unread = arrived() - before - read;
            counted = holding.change(counted, (int) Math.max(0, Math.min(Integer.MAX_VALUE, unread)));
        }
    }

    /** Bytes of all packets so far. The future is complete at once, as this is the connection's event loop. */
    private long arrived() {
        Future<QuicConnectionStats> stats = channel.collectStats();
        return stats.isSuccess() ? stats.getNow().recvBytes() : before + read;
    }
}
