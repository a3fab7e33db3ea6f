package weir.http2;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.ChannelInputShutdownReadComplete;
import weir.http.ConnectionFacts;
import weir.http.IdleClient;
import weir.http.RequestHandler;

/**
 * A client's HTTP/2 connection (RFC 9113), over TLS or in the clear by prior knowledge: an exchange for each stream.
 * Forwards the channel's events: {@link Http2ClientLife} takes them, {@link Http2ClientFrames} reads frames,
 * {@link Http2ClientConnection} knows what they mean, {@link Http2ClientStream} is one request and its response.
 * Confined to one event loop.
 */
public final class Http2ClientHandler extends ChannelInboundHandlerAdapter implements IdleClient {
    private final RequestHandler requests;
    private final Http2ClientTerms terms;
    private final ConnectionFacts facts;

    // Set when the handler is added.
    private Http2ClientConnection connection;
    private Http2ClientLife life;

    private int tickPlace = -1;

    /** A handler that opens an exchange at {@code requests} for each request. */
    public Http2ClientHandler(RequestHandler requests, Http2ClientTerms terms, ConnectionFacts facts) {
        this.requests = requests;
        this.terms = terms;
        this.facts = facts;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        connection = new Http2ClientConnection(ctx, requests, terms, facts);
        life = connection.life();
        if (ctx.channel().isActive()) {
            start();
        }
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        start();
    }

    private void start() {
        if (tickPlace < 0) {
            terms.tick().join(this);
            connection.holding().join(terms.tick().now());
            connection.begin();
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        life.received((ByteBuf) message);
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        life.readComplete();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (ctx.channel().isWritable()) {
            connection.holding().progress();
            life.output().flushSoon();
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof ChannelInputShutdownEvent || event instanceof ChannelInputShutdownReadComplete) {
            life.inputEnd();
        } else {
            ctx.fireUserEventTriggered(event);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        terms.tick().leave(this);
        connection.holding().leave();
        life.gone();
    }

    /** Behind the end, or because another handler has thrown before this one heard of it. */
    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        terms.tick().leave(this);
        if (life != null) {
            connection.holding().leave();
            life.gone();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        try {
            life.broke(cause);
        } catch (RuntimeException | Error again) {
            ctx.fireExceptionCaught(again);
        }
    }

    @Override
    public void tick(long nowNanos) {
        try {
            life.tick(nowNanos);
        } catch (RuntimeException | Error bug) {
            life.broke(bug);
        }
    }

    @Override
    public long idleSince() {
        return life.idleSince();
    }

    @Override
    public void evict() {
        life.evict();
    }

    @Override
    public int tickPlace() {
        return tickPlace;
    }

    @Override
    public void tickPlace(int place) {
        tickPlace = place;
    }
}
