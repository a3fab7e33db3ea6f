package weir.tcp;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.handler.ssl.SslHandler;

/** Forwards the events of a connection to its side of the session. Confined to one event loop. */
final class SideHandler extends ChannelInboundHandlerAdapter {
    private final Side side;

    SideHandler(Side side) {
        this.side = side;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        side.read((ByteBuf) message);
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        side.readComplete();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        side.writabilityChanged();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof ChannelInputShutdownEvent) {
            side.ended();
        } else if (event instanceof SslCloseCompletionEvent) {
            SslHandler tls = ctx.pipeline().get(SslHandler.class);
            if (tls == null || tls.engine().isOutboundDone()) {
                side.endedBothWays(); // as BoringSSL's engine does by itself
            } else {
                side.ended();
            }
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        side.closed();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        try {
            side.failed(cause);
        } catch (RuntimeException | Error again) {
            ctx.fireExceptionCaught(again);
        }
    }
}
