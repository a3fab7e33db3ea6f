package weir.listener;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.io.IOException;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import weir.http.ConnectionFacts;
import weir.loop.ConnectionGuard;
import weir.tls.HandshakeFacts;
import weir.tls.ServerTls;

/**
 * Stands behind the TLS of a client's connection: when the handshake is done it lets the protocol in. Later it tells
 * that protocol of the end of TLS in the terms of a socket. Confined to one event loop.
 */
final class TlsArrival extends ChannelInboundHandlerAdapter {
    private static final Logger LOG = LoggerFactory.getLogger(TlsArrival.class);
    private static final String TLS = "tls";

    private final ClientConnection connection;
    private final ServerTls terms;
    private final InetSocketAddress peer;
    private final InetSocketAddress local;
    private final HandshakeDeadline deadline;
    private boolean counted;

    private TlsArrival(ClientConnection connection, ServerTls terms, InetSocketAddress peer, InetSocketAddress local) {
        this.connection = connection;
        this.terms = terms;
        this.peer = peer;
        this.local = local;
        this.deadline = new HandshakeDeadline(
                connection.channel(), connection.loop().tick().clients(), connection.patienceNanos());
    }

    /** Puts TLS before a protocol that is to come. */
    static void install(ClientConnection connection, ServerTls tls, InetSocketAddress peer, InetSocketAddress local) {
        Channel channel = connection.channel();
        if (tls.choosesByHello()) {
            ConnectionGuard.add(channel, TLS, new HelloReader(tls));
        } else {
            SslHandler handler = tls.handler(null, channel.alloc());
            handler.setHandshakeTimeoutMillis(0); // see HandshakeDeadline
            ConnectionGuard.add(channel, TLS, handler);
        }
        TlsArrival arrival = new TlsArrival(connection, tls, peer, local);
        ConnectionGuard.add(channel, arrival);
        arrival.deadline.begin();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof SslHandshakeCompletionEvent handshake) {
            arrived(ctx, handshake);
        } else if (event instanceof SslCloseCompletionEvent) {
            closing(ctx);
        } else {
            ctx.fireUserEventTriggered(event);
        }
    }

    private void arrived(ChannelHandlerContext ctx, SslHandshakeCompletionEvent handshake) {
        deadline.end();
        SslHandler tls = handler(ctx);
        if (!handshake.isSuccess() || tls == null) {
            fail(ctx, handshake.cause());
            return;
        }
        counted = true;
        connection.listener().handshakes().increment(connection.loop().index());
        String alpn = tls.applicationProtocol();
        connection.speak(
                new ConnectionFacts(peer, local, HandshakeFacts.of(tls.engine(), terms)), alpn == null ? "" : alpn);
    }

    /** Counts what did not become a connection, once. */
    private void fail(ChannelHandlerContext ctx, @Nullable Throwable cause) {
        deadline.end();
        if (!counted) {
            counted = true;
            connection.listener().failedHandshakes().increment(connection.loop().index());
            if (cause == null || cause instanceof IOException || cause instanceof DecoderException) {
                LOG.debug("the TLS handshake of {} failed: {}", peer, String.valueOf(cause));
            } else {
                ConnectionGuard.report(ctx.channel(), cause);
            }
        }
        ctx.close();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        fail(ctx, null); // if there was no handshake to the end
        ctx.fireChannelInactive();
    }

    /** The client says that nothing more comes. BoringSSL's engine then ends the other direction, too. */
    private static void closing(ChannelHandlerContext ctx) {
        SslHandler tls = handler(ctx);
        if (tls == null || tls.engine().isOutboundDone()) {
            ctx.close();
        } else {
            ctx.fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
        }
    }

    private static @Nullable SslHandler handler(ChannelHandlerContext ctx) {
        return ctx.pipeline().get(TLS) instanceof SslHandler handler ? handler : null;
    }

    /** Broken records come wrapped, and are as little a bug as a reset. */
    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        Throwable bare = cause instanceof DecoderException && cause.getCause() != null ? cause.getCause() : cause;
        SslHandler tls = handler(ctx);
        if (tls == null || !tls.handshakeFuture().isSuccess()) {
            fail(ctx, bare);
        } else {
            ctx.fireExceptionCaught(bare instanceof IOException ? bare : cause); // at last to the guard
        }
    }
}
