package weir.http3;

import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;

/**
 * Ends pipelines that have no other handler for errors: of streams that carry no request, and of connections that were
 * refused. What a client does wrong there the codec has answered by closing the connection; without this handler Netty
 * would log a stack trace of it. Stateless.
 */
@ChannelHandler.Sharable
final class QuietTail extends ChannelInboundHandlerAdapter {
    static final QuietTail INSTANCE = new QuietTail();

    private QuietTail() {}

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        // Answered already.
    }
}
