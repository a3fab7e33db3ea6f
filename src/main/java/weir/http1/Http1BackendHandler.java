package weir.http1;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.ChannelInputShutdownReadComplete;
import org.jspecify.annotations.Nullable;
import weir.http.BackendConnection;
import weir.http.BackendFailure;
import weir.http.BackendStream;
import weir.http.HeadPool;
import weir.http.ReadWatch;
import weir.http.ResponseReceiver;

/**
 * A connection to an HTTP/1.1 or 1.0 backend: one attempt after another, all on the same {@link BackendStream}.
 * Forwards the channel's events: {@link BackendIntake} says when bytes are taken, {@link ResponseReading} has the
 * connection's states, {@link Http1BackendStream} asks, and releases or closes. Confined to one event loop.
 *
 * <p>What is held because of a pause is delivered from a task of the event loop, never from within
 * {@link BackendStream#resume()} or {@link BackendStream#tunnel()}.
 */
public final class Http1BackendHandler extends ChannelInboundHandlerAdapter implements BackendConnection {
    private final Owner owner;
    private final BackendInput input;
    private final @Nullable ReadWatch watch;

    // Set when the handler is added.
    private Http1BackendStream stream;
    private ResponseReading reading;

    /**
     * A handler whose connection belongs to {@code owner}; response heads have at most so many bytes. {@code watch} is
     * told of what is read; null where that is done elsewhere.
     */
    public Http1BackendHandler(Owner owner, HeadPool heads, int responseHeadLimit, @Nullable ReadWatch watch) {
        this.owner = owner;
        this.watch = watch;
        this.input = new BackendInput(heads, responseHeadLimit);
    }

    @Override
    public BackendStream open(ResponseReceiver to) {
        stream.open(to);
        return stream;
    }

    @Override
    public int requests() {
        return stream.requests();
    }

    @Override
    public Owner owner() {
        return owner;
    }

    @Override
    public boolean busy() {
        return reading.receiver() != null;
    }

    @Override
    public void close() {
        stream.fail(BackendFailure.RESET);
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        stream = new Http1BackendStream(this, owner, ctx, input);
        reading = stream.reading();
        ctx.channel().config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
        // A backend that answers early and stops reading must not lose its answer to a failed write.
        ctx.channel().config().setOption(ChannelOption.AUTO_CLOSE, false);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (watch != null) {
            watch.read();
        }
        reading.received((ByteBuf) message);
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        reading.readComplete();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        ResponseReceiver to = reading.receiver();
        if (to != null && stream.writable()) {
            to.writable();
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof ChannelInputShutdownEvent || event instanceof ChannelInputShutdownReadComplete) {
            reading.intake().end();
        } else {
            ctx.fireUserEventTriggered(event);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        if (watch != null) {
            watch.stop();
        }
        reading.intake().end();
        stream.fail(BackendFailure.RESET);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        try {
            stream.broke(cause);
        } catch (RuntimeException | Error again) {
            ctx.fireExceptionCaught(again);
        }
    }
}
