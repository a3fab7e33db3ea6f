package weir.http3;

import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http3.Http3GoAwayFrame;
import io.netty.handler.codec.http3.Http3SettingsFrame;
import io.netty.util.ReferenceCountUtil;
import weir.http.FloodGuard.Event;

/**
 * Counts the frames of a client's control stream, which the codec has dealt with. For one connection, which has one such
 * stream; a second one ends it. Confined to one event loop.
 */
@ChannelHandler.Sharable
final class ControlFrames extends ChannelInboundHandlerAdapter {
    private final Http3Connection connection;

    ControlFrames(Http3Connection connection) {
        this.connection = connection;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ReferenceCountUtil.release(message);
        if (message instanceof Http3SettingsFrame) {
            connection.count(Event.SETTINGS);
        } else if (message instanceof Http3GoAwayFrame) {
            connection.count(Event.GOAWAY);
        } else {
            connection.count(Event.UNKNOWN);
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        // The codec has closed the connection.
    }
}
