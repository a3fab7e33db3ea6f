package weir.tcp;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelOutboundBuffer;

/**
 * One direction of a session: bytes go from one channel to the other as they come, in the buffers they came in. While
 * the other channel does not keep up, this one is not read. Confined to one event loop.
 */
final class Direction implements ChannelFutureListener {
    private final Session session;
    private final Channel from;
    private final Channel to;
    private long bytes;
    private boolean unflushed;
    private boolean stopped;
    private boolean ended;
    private boolean broken;
    private boolean done;

    Direction(Session session, Channel from, Channel to) {
        this.session = session;
        this.from = from;
        this.to = to;
    }

    /** Passes bytes on; takes the buffer over. */
    void read(ByteBuf data) {
        bytes += data.readableBytes();
        if (broken) {
            data.release();
            return;
        }
        to.write(data, to.voidPromise());
        if (to.isWritable()) {
            unflushed = true;
            return;
        }
        flush();
        if (!to.isWritable()) {
            from.config().setAutoRead(false);
        }
    }

    /** Bytes that were written and not taken. */
    long pending() {
        ChannelOutboundBuffer buffer = to.unsafe().outboundBuffer();
        return buffer == null ? 0 : buffer.totalPendingWriteBytes();
    }

    /** Reads nothing while {@code on}, whatever the other channel takes. */
    void stop(boolean on) {
        stopped = on;
        if (on) {
            from.config().setAutoRead(false);
        } else {
            writabilityChanged();
        }
    }

    /** All is passed on that was at hand. */
    void readComplete() {
        if (unflushed) {
            flush();
        }
    }

    private void flush() {
        unflushed = false;
        to.flush();
    }

    /** The other channel may take more, or not. */
    void writabilityChanged() {
        if (!ended && !stopped && to.isWritable()) {
            from.config().setAutoRead(true);
        }
    }

    /** Nothing more comes: the end is passed on behind what was written. */
    void end() {
        if (ended) {
            return;
        }
        ended = true;
        unflushed = false;
        if (broken) {
            done = true;
            session.directionDone();
        } else {
            to.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(this);
        }
    }

    @Override
    public void operationComplete(ChannelFuture future) {
        done = true;
        try {
            if (future.isSuccess()) {
                ChannelEnd.shutdownOutput(to);
            }
            session.directionDone();
        } catch (RuntimeException | Error bug) {
            session.broke(bug); // nobody else hears of it
        }
    }

    /** The other channel takes no more, which its own side will say in its way. */
    void breakOff() {
        broken = true;
    }

    /** The other channel takes no more, and what comes is let go until the end. */
    void discard() {
        breakOff();
        if (!ended) {
            from.config().setAutoRead(true);
        }
    }

    /** Whether no more bytes come. */
    boolean ended() {
        return ended;
    }

    /** Whether the end was passed on as well. */
    boolean done() {
        return done;
    }

    /** The channel that is read. */
    Channel from() {
        return from;
    }

    /** Bytes so far. */
    long bytes() {
        return bytes;
    }
}
