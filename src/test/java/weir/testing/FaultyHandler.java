package weir.testing;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandler;
import io.netty.channel.ChannelInboundHandlerAdapter;

/** Another handler, one of whose callbacks throws once: before it has done its work, or behind it. */
public final class FaultyHandler extends ChannelInboundHandlerAdapter {
    private final ChannelInboundHandler real;
    private final String callback;
    private final boolean before;
    private boolean thrown;

    /** That handler, throwing from the callback of that name. */
    public FaultyHandler(ChannelInboundHandler real, String callback, boolean before) {
        this.real = real;
        this.callback = callback;
        this.before = before;
    }

    /** What a callback does. */
    private interface Work {
        void run() throws Exception;
    }

    /** Whether it has thrown. */
    public boolean thrown() {
        return thrown;
    }

    private void run(String name, Work work) throws Exception {
        boolean now = !thrown && name.equals(callback);
        thrown |= now;
        if (now && before) {
            throw new IllegalStateException("a bug of the test before " + name);
        }
        work.run();
        if (now) {
            throw new IllegalStateException("a bug of the test behind " + name);
        }
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) throws Exception {
        run("handlerAdded", () -> real.handlerAdded(ctx));
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) throws Exception {
        run("handlerRemoved", () -> real.handlerRemoved(ctx));
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) throws Exception {
        run("channelActive", () -> real.channelActive(ctx));
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) throws Exception {
        run("channelInactive", () -> real.channelInactive(ctx));
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) throws Exception {
        run("channelRead", () -> real.channelRead(ctx, message));
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) throws Exception {
        run("channelReadComplete", () -> real.channelReadComplete(ctx));
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) throws Exception {
        run("channelWritabilityChanged", () -> real.channelWritabilityChanged(ctx));
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) throws Exception {
        run("userEventTriggered", () -> real.userEventTriggered(ctx, event));
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) throws Exception {
        real.exceptionCaught(ctx, cause);
    }
}
