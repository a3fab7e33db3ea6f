package weir.http2;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.ChannelInputShutdownReadComplete;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Tells by the first bytes of a connection in the clear whether the client knows that HTTP/2 is spoken here, too (RFC 9113
 * section 3.3): then that takes the place of the HTTP/1.1 handler. It costs HTTP/1.1 a look at one byte; only while the bytes
 * may still become the preface does it stand before that handler. Nothing is upgraded. A client that sends only a part of the
 * preface is the HTTP/1.1 handler's to time out. Confined to one event loop.
 */
public final class PrefaceDetector extends ChannelInboundHandlerAdapter {
    private final ChannelHandler http1;
    private final Supplier<ChannelHandler> http2;
    private @Nullable ByteBuf held;

    private PrefaceDetector(ChannelHandler http1, Supplier<ChannelHandler> http2) {
        this.http1 = http1;
        this.http2 = http2;
    }

    /**
     * Takes over the first bytes of a connection, and then leaves its handler of HTTP/1.1 in place or puts one of
     * {@code http2} there; false, and nothing done, when they are not those of HTTP/2.
     */
    public static boolean takes(
            ChannelPipeline pipeline, ChannelHandler http1, ByteBuf first, Supplier<ChannelHandler> http2) {
        int matching = matching(first);
        if (matching == 0 || (matching < first.readableBytes() && matching < Http2ClientFrames.PREFACE.length)) {
            return false;
        }
        PrefaceDetector detector = new PrefaceDetector(http1, http2);
        pipeline.addBefore(pipeline.context(http1).name(), null, detector);
        detector.channelRead(pipeline.context(detector), first);
        return true;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf in = (ByteBuf) message;
        ByteBuf before = held;
        if (before != null) {
            held = null;
            in = ctx.alloc()
                    .ioBuffer(before.readableBytes() + in.readableBytes())
                    .writeBytes(before)
                    .writeBytes(in);
            before.release();
            ((ByteBuf) message).release();
        }
        int matching = matching(in);
        if (matching == Http2ClientFrames.PREFACE.length) {
            ctx.pipeline().replace(http1, null, http2.get());
            decided(ctx, in);
        } else if (matching < in.readableBytes()) {
            decided(ctx, in);
        } else {
            held = in;
        }
    }

    private static int matching(ByteBuf in) {
        byte[] preface = Http2ClientFrames.PREFACE;
        int most = Math.min(preface.length, in.readableBytes());
        int at = 0;
        while (at < most && in.getByte(in.readerIndex() + at) == preface[at]) {
            at++;
        }
        return at;
    }

    private void decided(ChannelHandlerContext ctx, ByteBuf in) {
        ctx.pipeline().remove(this);
        ctx.fireChannelRead(in);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        ByteBuf before = held;
        if (before != null
                && (event instanceof ChannelInputShutdownEvent || event instanceof ChannelInputShutdownReadComplete)) {
            held = null;
            decided(ctx, before);
        }
        ctx.fireUserEventTriggered(event);
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        ByteBuf before = held;
        if (before != null) {
            held = null;
            before.release();
        }
    }
}
