package weir.http3;

import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicConnectionStats;
import io.netty.util.concurrent.Future;
import weir.http.Holding;

/**
 * What a client has sent on streams that are not read at the moment. QUIC's library keeps it, up to the window of the
 * connection, which grows to 24 MiB while bodies are taken on quickly, and does not tell how much it is: so this is what
 * arrived since the first of these streams paused, less what was read of others. Confined to one event loop.
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

    /** One more stream is not read. */
    void paused() {
        if (paused++ == 0) {
            before = arrived();
            read = 0;
        }
    }

    /** One stream less is not read. */
    void resumed() {
        if (--paused == 0) {
            counted = holding.change(counted, 0);
        }
    }

    /** So many bytes of a body were read. */
    void read(int bytes) {
        read += bytes;
    }

    /** Counts anew, at the loop's tick. */
    void tick() {
        if (paused > 0) {
            long unread = arrived() - before - read;
            counted = holding.change(counted, (int) Math.max(0, Math.min(Integer.MAX_VALUE, unread)));
        }
    }

    /** The bytes of all packets so far; on the connection's own loop the answer is there at once. */
    private long arrived() {
        Future<QuicConnectionStats> stats = channel.collectStats();
        return stats.isSuccess() ? stats.getNow().recvBytes() : before + read;
    }
}
