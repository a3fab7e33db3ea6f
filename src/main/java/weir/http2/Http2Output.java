package weir.http2;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundBuffer;

/**
 * When a client's connection is flushed and when it is read: what the streams write in one turn of the event loop goes
 * out together, at its end, and nothing is read from a client that does not take its answers. Confined to one event
 * loop.
 */
final class Http2Output {
    /** Data waits in the streams by then; what goes beyond are heads and control frames. */
    private static final long MOST_PENDING = 256 * 1024;

    private final ChannelHandlerContext context;
    private final Channel channel;
    private final Http2ClientConnection connection;
    private final Runnable task = this::run;
    private boolean scheduled;
    private boolean stopped;
    private boolean held;

    Http2Output(ChannelHandlerContext context, Http2ClientConnection connection) {
        this.context = context;
        this.channel = context.channel();
        this.connection = connection;
    }

    /** Has everything sent at the end of this turn of the event loop. */
    void flushSoon() {
        if (!scheduled && !stopped) {
            scheduled = true;
            context.executor().execute(task);
        }
    }

    private void run() {
        scheduled = false;
        if (stopped) {
            return;
        }
        try {
            flush();
        } catch (RuntimeException | Error bug) {
            connection.broke(bug); // nobody else hears of it
        }
    }

    /** Sends what windows and socket take. */
    void flush() {
        connection.sender().send();
        connection.writer().flush();
        connection.holding().output(pending() + connection.frames().heldBytes());
        regulate();
    }

    /** Reads from the client exactly while it takes what is sent, and nothing waits that was read before. */
    void regulate() {
        boolean wanted = stopped || (!held && pending() <= MOST_PENDING);
        if (channel.config().isAutoRead() != wanted) {
            channel.config().setAutoRead(wanted);
        }
    }

    /** Nothing is read while what was read already waits. */
    void hold(boolean waits) {
        held = waits;
        regulate();
    }

    /** Bytes that the socket has not taken. */
    long pending() {
        ChannelOutboundBuffer buffer = channel.unsafe().outboundBuffer();
        return buffer == null ? 0 : buffer.totalPendingWriteBytes();
    }

    /** Nothing is sent any more. */
    void stop() {
        stopped = true;
        connection.writer().discard();
    }
}
