package weir.connection;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import weir.http.Tick;

/** Tells a {@link ResetWatch} of what is read, where the handlers behind it do not. Confined to one event loop. */
public final class ResetWatchHandler extends ChannelInboundHandlerAdapter {
    private final ResetWatch watch;

    private ResetWatchHandler(ResetWatch watch) {
        this.watch = watch;
    }

    /** Watches the connection if it is one of io_uring, ahead of all other handlers. */
    public static void install(Channel channel, Tick tick) {
        ResetWatch watch = ResetWatch.of(channel, tick);
        if (watch != null) {
            channel.pipeline().addFirst(new ResetWatchHandler(watch));
            watch.read(); // something may be on its way through the pipeline
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        watch.read();
        ctx.fireChannelRead(message);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        watch.stop();
        ctx.fireChannelInactive();
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        watch.stop();
    }
}
