package weir.listener;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.ssl.SslClientHelloHandler;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import weir.tls.ClientHello;
import weir.tls.ServerTls;

/** Looks at a client's hello and makes way for the TLS that fits it. Confined to one event loop. */
final class HelloReader extends SslClientHelloHandler<ClientHello> {
    private static final int MOST_BYTES = 64 * 1024;

    private final ServerTls tls;
    private final long patienceMillis;
    private final long began = System.nanoTime();
    private @Nullable ScheduledFuture<?> timeout;

    HelloReader(ServerTls tls, long patienceMillis) {
        super(MOST_BYTES);
        this.tls = tls;
        this.patienceMillis = patienceMillis;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        if (patienceMillis > 0) {
            // Closed without a word: nothing was said that could be answered.
            timeout = ctx.executor().schedule(() -> ctx.close(), patienceMillis, TimeUnit.MILLISECONDS);
        }
    }

    @Override
    protected Future<ClientHello> lookup(ChannelHandlerContext ctx, @Nullable ByteBuf hello) {
        return ctx.executor().newSucceededFuture(ClientHello.parse(hello));
    }

    @Override
    protected void onLookupComplete(ChannelHandlerContext ctx, Future<ClientHello> found) {
        SslHandler handler = tls.handler(found.getNow(), ctx.alloc());
        if (patienceMillis > 0) {
            long spent = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began);
            handler.setHandshakeTimeoutMillis(Math.max(1, patienceMillis - spent));
        } else {
            handler.setHandshakeTimeoutMillis(0);
        }
        ctx.pipeline().replace(this, ctx.name(), handler);
    }

    @Override
    protected void handlerRemoved0(ChannelHandlerContext ctx) throws Exception {
        if (timeout != null) {
            timeout.cancel(false);
        }
        super.handlerRemoved0(ctx);
    }
}
