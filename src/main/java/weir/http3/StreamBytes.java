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

/**
 * The bytes of one request stream, below the codec of frames. Inwards it notes the stream's end with the last bytes,
 * not behind them, so that a request without a body is known to be one. Outwards it gathers what is written until the
 * flush, since QUIC makes a packet of every write; head, small body and end are then one. Confined to one event loop.
 */
final class StreamBytes extends ChannelDuplexHandler implements ChannelFutureListener {
    private static final int MOST_GATHERED = 32 * 1024;
    private static final int MOST_PARTS = 64;

    private final Runnable refused;
    private final FrameBorders borders = new FrameBorders();
    private @Nullable ChannelHandlerContext context;
    private @Nullable CompositeByteBuf gathered;
    private boolean ended;
    private boolean begun;
    private @Nullable ChannelFuture last;

    /** {@code refused}: the client takes no more of the response. */
    StreamBytes(Runnable refused) {
        this.refused = refused;
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
        ChannelFuture written = ctx.write(end ? new DefaultQuicStreamFrame(data, true) : data);
        if (end) {
            last = written;
        }
        written.addListener(this);
    }

    @Override
    public void operationComplete(ChannelFuture written) {
        ChannelHandlerContext ctx = context;
        if (!written.isSuccess() && ctx != null) {
            ctx.executor().execute(refused); // never from within the call that wrote
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
