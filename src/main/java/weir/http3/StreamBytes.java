package weir.http3;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.quic.DefaultQuicStreamFrame;
import io.netty.handler.codec.quic.QuicStreamFrame;
import org.jspecify.annotations.Nullable;
import weir.http.Holding;

/**
 * The bytes of one request stream, below the codec of frames. Inwards it notes the stream's end with the last bytes,
 * not behind them, so that a request without a body is known to be one. Outwards it gathers what is written until the
 * flush, since QUIC makes a packet of every write; head, small body and end are then one. Confined to one event loop.
 */
final class StreamBytes extends ChannelDuplexHandler implements ChannelFutureListener {
    private static final int MOST_GATHERED = 32 * 1024;
    private static final int MOST_PARTS = 64;

    private final Runnable refused;
    private final Runnable drained;
    private final FrameBorders borders = new FrameBorders();
    private @Nullable ChannelHandlerContext context;
    private @Nullable CompositeByteBuf gathered;
    private boolean ended;
    private boolean begun;
    private @Nullable ChannelFuture last;
    private final Holding holding;
    private int pending;
    private int unsent;
    private boolean blocked;

    /**
     * Bytes of a new stream.
     *
     * @param refused the client takes no more of the response
     * @param drained the client takes more of the response, after it did not
     * @param holding counts what was written and not taken
     */
    StreamBytes(Runnable refused, Runnable drained, Holding holding) {
        this.refused = refused;
        this.holding = holding;
        this.drained = drained;
    }

    /** Whether the client has ended its direction. */
    boolean ended() {
        return ended;
    }

    /** Whether a byte came. */
    boolean begun() {
        return begun;
    }

    /** Whether the end of our direction went out. */
    boolean sent() {
        return last != null && last.isSuccess();
    }

    /** Whether QUIC has taken all that was written. */
    boolean writable() {
        return pending == 0;
    }

    /** Whether all frames so far are complete. */
    boolean complete() {
        return borders.between();
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        context = ctx;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (message instanceof QuicStreamFrame frame) {
            borders.follow(frame.content());
            ended |= frame.hasFin();
            begun |= frame.content().isReadable();
        }
        ctx.fireChannelRead(message);
    }

    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
        if (!(message instanceof ByteBuf data)) {
            ctx.write(message, promise);
            return;
        }
        CompositeByteBuf to = gathered;
        if (to == null) {
            to = ctx.alloc().compositeDirectBuffer(MOST_PARTS);
            gathered = to;
        }
        to.addComponent(true, data);
        promise.trySuccess();
        if (to.readableBytes() >= MOST_GATHERED || to.numComponents() == MOST_PARTS) {
            push(ctx, false);
        }
    }

    @Override
    public void flush(ChannelHandlerContext ctx) {
        if (gathered != null) {
            push(ctx, false);
        }
        ctx.flush();
    }

    /** Sends what is gathered, and the end of the stream with it. */
    void end() {
        ChannelHandlerContext ctx = context;
        if (ctx != null) {
            push(ctx, true);
        }
    }

    private void push(ChannelHandlerContext ctx, boolean end) {
        ByteBuf data = gathered == null ? Unpooled.EMPTY_BUFFER : gathered;
        gathered = null;
        unsent += data.readableBytes();
        holding.add(data.readableBytes());
        ChannelFuture written = ctx.write(end ? new DefaultQuicStreamFrame(data, true) : data);
        if (end) {
            last = written;
        }
        written(ctx, written);
    }

    private void written(ChannelHandlerContext ctx, ChannelFuture written) {
        pending++;
        written.addListener(this);
        if (!written.isDone()) {
            blocked = true;
            if (ctx.channel().bytesBeforeUnwritable() > 0) {
                // There is room, but it is not taken: the client has stopped the stream, and QUIC has forgotten it.
                ctx.executor().execute(refused);
            }
        }
    }

    @Override
    public void operationComplete(ChannelFuture written) {
        ChannelHandlerContext ctx = context;
        pending--;
        if (pending == 0) {
            holding.add(-unsent);
            unsent = 0;
        }
        // Never from within the call that wrote.
        if (ctx != null && !written.isSuccess()) {
            ctx.executor().execute(refused);
        } else if (ctx != null && blocked && pending == 0) {
            blocked = false;
            ctx.executor().execute(drained);
        }
    }

    /** Forgets what was not sent. */
    void discard() {
        CompositeByteBuf unsent = gathered;
        if (unsent != null) {
            gathered = null;
            unsent.release();
        }
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        discard();
    }
}
