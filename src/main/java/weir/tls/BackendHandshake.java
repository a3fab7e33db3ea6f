package weir.tls;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.ChannelInputShutdownReadComplete;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.io.IOException;
import javax.net.ssl.SSLException;
import weir.http.BackendConnection;

/**
 * Stands behind the TLS of a connection to a backend: tells how the handshake ended, insists on HTTP/2 where that is
 * wanted (RFC 7301), and lets an end of input through only if TLS said that it is one; without close_notify it may be an
 * attacker's (RFC 8446 section 6.1), and the connection broke. Confined to one event loop.
 */
final class BackendHandshake extends ChannelInboundHandlerAdapter {
    private final BackendContexts contexts;
    private final String backend;
    private final BackendConnection.Handshake handshake;
    private final boolean http2;
    private final boolean alone;
    private boolean agreed;
    private boolean closeNotified;

    BackendHandshake(
            BackendContexts contexts,
            String backend,
            BackendConnection.Handshake handshake,
            boolean http2,
            boolean alone) {
        this.contexts = contexts;
        this.backend = backend;
        this.handshake = handshake;
        this.http2 = http2;
        this.alone = alone;
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof SslHandshakeCompletionEvent completion) {
            completed(ctx, completion);
        } else if (event instanceof SslCloseCompletionEvent close) {
            closeNotified |= close.isSuccess();
            ctx.fireUserEventTriggered(event);
        } else if (isEnd(event) && !closeNotified) {
            broke(ctx);
        } else {
            ctx.fireUserEventTriggered(event);
        }
    }

    private static boolean isEnd(Object event) {
        return event instanceof ChannelInputShutdownEvent || event instanceof ChannelInputShutdownReadComplete;
    }

    private void broke(ChannelHandlerContext ctx) {
        if (agreed) {
            ctx.fireExceptionCaught(new IOException("the connection ended without close_notify"));
        } else {
            failed(new SSLException("the connection ended during the handshake"));
        }
        ctx.close();
    }

    private void completed(ChannelHandlerContext ctx, SslHandshakeCompletionEvent completion) {
        Throwable cause = completion.cause();
        if (cause != null) {
            failed(cause instanceof SSLException ? cause : new SSLException(cause.getMessage(), cause));
            return;
        }
        SslHandler tls = ctx.pipeline().get(SslHandler.class);
        if (http2 && (tls == null || !ApplicationProtocolNames.HTTP_2.equals(tls.applicationProtocol()))) {
            failed(new SSLException("the backend does not agree to HTTP/2 (ALPN h2)"));
            ctx.close();
            return;
        }
        agreed = true;
        contexts.succeeded(backend);
        if (alone) {
            handshake.done();
        }
    }

    private void failed(Throwable cause) {
        contexts.failed(backend, innermost(cause));
        handshake.failed(cause);
    }

    /** The innermost message says what is wrong with a certificate. */
    private static String innermost(Throwable cause) {
        Throwable inner = cause;
        while (inner.getCause() != null) {
            inner = inner.getCause();
        }
        return PemFile.reason(inner instanceof Exception e ? e : new IOException(inner));
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        if (agreed && !closeNotified) {
            ctx.fireExceptionCaught(new IOException("the connection ended without close_notify"));
        }
        ctx.fireChannelInactive();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (!agreed) {
            ctx.close(); // the handshake's end was told
        } else {
            ctx.fireExceptionCaught(
                    cause instanceof DecoderException && cause.getCause() instanceof IOException inner ? inner : cause);
        }
    }
}
