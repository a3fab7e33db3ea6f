package weir.listener;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.concurrent.TimeUnit;

/**
 * Closes a listening socket once its queue is empty: when nothing was accepted for a while. It looks in turns of the loop
 * that are apart, as a loop accepts one connection or a few in each of its turns and a busy one needs many. Confined to the
 * event loop of the socket.
 */
final class LastAccepts extends ChannelInboundHandlerAdapter {
    /**
     * With a guard nobody new comes in, so there is time: looks in a row that find nothing, as long as the last step of a
     * handshake may be under way on the network (200 ms), and looks in all, for a loop with much to do (5 s).
     */
    private static final long GUARDED_MILLIS = 10;

    private static final int GUARDED_QUIET = 20;
    private static final int GUARDED_MOST = 500;

    /** Without a guard each millisecond lets somebody in: closes as soon as two looks found nobody. */
    private static final long UNGUARDED_MILLIS = 1;

    private static final int UNGUARDED_QUIET = 2;
    private static final int UNGUARDED_MOST = 500;

    private final boolean guarded;
    private boolean accepted;
    private int looks;
    private int quiet;

    private LastAccepts(boolean guarded) {
        this.guarded = guarded;
    }

    /** Closes that socket when its queue is empty; any thread. */
    static void close(Channel socket, AcceptGuard guard) {
        socket.pipeline().addFirst(new LastAccepts(guard != AcceptGuard.NONE));
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        lookLater(ctx);
    }

    private void lookLater(ChannelHandlerContext ctx) {
        ctx.executor().schedule(() -> look(ctx), guarded ? GUARDED_MILLIS : UNGUARDED_MILLIS, TimeUnit.MILLISECONDS);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object connection) {
        accepted = true;
        ctx.fireChannelRead(connection);
    }

    private void look(ChannelHandlerContext ctx) {
        looks++;
        // One that could not accept for want of descriptors rests.
        quiet = accepted || !ctx.channel().config().isAutoRead() ? 0 : quiet + 1;
        accepted = false;
        if (quiet >= (guarded ? GUARDED_QUIET : UNGUARDED_QUIET)
                || looks >= (guarded ? GUARDED_MOST : UNGUARDED_MOST)) {
            ctx.channel().close();
        } else {
            lookLater(ctx);
        }
    }
}
