package weir.proxyprotocol;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import weir.config.ProxyProtocol;
import weir.http.Tick;

/**
 * Waits for the PROXY header of a client's connection. When it is there the connection gets its further handlers, and
 * these get every byte behind the header; this one leaves. Confined to one event loop.
 */
public final class ProxyHeaderHandler extends ChannelInboundHandlerAdapter implements Tick.Member {
    private final ProxyHeaderParser parser;
    private final Tick tick;
    private final long timeoutNanos;
    private final Receiver receiver;
    private @Nullable ChannelHandlerContext context;
    private @Nullable ByteBuf read;
    private long since;
    private boolean over;
    private int tickPlace = -1;

    /** Who waits for the header. One of the methods is called, at most once. */
    public interface Receiver {
        /** The header is read: adds what handles the rest. */
        void named(Channel channel, ProxyHeader header);

        /** There is no header that may be taken. The connection is closed by this handler. */
        void refused(Channel channel, Refusal why);
    }

    /** Why a connection has no header. Immutable. */
    public enum Refusal {
        /** Something else came, or half a header. */
        MALFORMED,
        /** It did not come in time. */
        LATE
    }

    /** A handler that takes those versions, and waits so long; 0 for ever. */
    public ProxyHeaderHandler(ProxyProtocol accepted, Tick tick, long timeoutNanos, Receiver receiver) {
        this.parser = new ProxyHeaderParser(accepted);
        this.tick = tick;
        this.timeoutNanos = timeoutNanos;
        this.receiver = receiver;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        context = ctx;
        since = tick.exactly();
        tick.join(this);
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        tick.leave(this);
        release();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf in = (ByteBuf) message;
        if (over) {
            in.release();
            return;
        }
        ByteBuf all = append(ctx, in);
        switch (parser.parse(all)) {
            case MORE -> {}
            case INVALID -> refuse(ctx.channel(), Refusal.MALFORMED);
            case DONE -> pass(ctx, all);
        }
    }

    /** A header nearly always comes whole, so that nothing is copied. */
    private ByteBuf append(ChannelHandlerContext ctx, ByteBuf in) {
        ByteBuf before = read;
        if (before == null) {
            read = in;
            return in;
        }
        ByteBuf all = ctx.alloc().buffer(before.readableBytes() + in.readableBytes());
        all.writeBytes(before).writeBytes(in);
        before.release();
        in.release();
        read = all;
        return all;
    }

    private void pass(ChannelHandlerContext ctx, ByteBuf rest) {
        over = true;
        read = null;
        try {
            receiver.named(ctx.channel(), parser.header());
        } catch (RuntimeException | Error bug) {
            rest.release();
            throw bug;
        }
        if (rest.isReadable()) {
            ctx.fireChannelRead(rest);
        } else {
            rest.release();
        }
        ctx.pipeline().remove(this);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof ChannelInputShutdownEvent && !over) {
            ended(ctx.channel());
        }
        ctx.fireUserEventTriggered(event);
    }

    /** Who only looks whether somebody listens, and says nothing, has done nothing wrong. */
    private void ended(Channel channel) {
        if (read == null) {
            over = true;
            channel.close();
        } else {
            refuse(channel, Refusal.MALFORMED);
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (over || !(cause instanceof IOException)) {
            over = true;
            release();
            ctx.fireExceptionCaught(cause);
        } else {
            ended(ctx.channel());
        }
    }

    private void refuse(Channel channel, Refusal why) {
        over = true;
        release();
        try {
            receiver.refused(channel, why);
        } finally {
            channel.close();
        }
    }

    private void release() {
        ByteBuf held = read;
        read = null;
        if (held != null) {
            held.release();
        }
    }

    @Override
    public void tick(long nowNanos) {
        ChannelHandlerContext ctx = context;
        if (ctx != null && !over && timeoutNanos > 0 && nowNanos - since >= timeoutNanos) {
            refuse(ctx.channel(), Refusal.LATE);
        }
    }

    @Override
    public int tickPlace() {
        return tickPlace;
    }

    @Override
    public void tickPlace(int place) {
        tickPlace = place;
    }
}
