package weir.http3;

import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;

/**
 * Stands behind the codec on streams that carry no request. What a client did wrong there the codec has answered by
 * closing the connection; without this, Netty would log a stack trace of it. Stateless.
 */
@ChannelHandler.Sharable
final class StreamEnd extends ChannelInboundHandlerAdapter {
    static final StreamEnd INSTANCE = new StreamEnd();

    private StreamEnd() {}

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        // Answered already.
    }
}
