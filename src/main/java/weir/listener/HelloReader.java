package weir.listener;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.ssl.SslClientHelloHandler;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import weir.tls.ClientHello;
import weir.tls.ServerTls;

/** Looks at a client's hello and makes way for the TLS that fits it. Confined to one event loop. */
final class HelloReader extends SslClientHelloHandler<ClientHello> {
    private static final int MOST_BYTES = 64 * 1024;

    private final ServerTls tls;

    HelloReader(ServerTls tls) {
        super(MOST_BYTES);
        this.tls = tls;
    }

    @Override
    protected Future<ClientHello> lookup(ChannelHandlerContext ctx, @Nullable ByteBuf hello) {
        return ctx.executor().newSucceededFuture(ClientHello.parse(hello));
    }

    @Override
    protected void onLookupComplete(ChannelHandlerContext ctx, Future<ClientHello> found) {
        SslHandler handler = tls.handler(found.getNow(), ctx.alloc());
        handler.setHandshakeTimeoutMillis(0); // see HandshakeDeadline
        ctx.pipeline().replace(this, ctx.name(), handler);
    }
}
