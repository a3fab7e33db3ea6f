package weir.http3;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http3.Http3DataFrame;
import io.netty.handler.codec.http3.Http3ErrorCode;
import io.netty.handler.codec.http3.Http3Exception;
import io.netty.handler.codec.http3.Http3HeadersFrame;
import io.netty.handler.codec.http3.Http3PushPromiseFrame;
import io.netty.handler.codec.quic.QuicException;
import io.netty.handler.codec.quic.QuicStreamResetException;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import weir.http.FloodGuard;
import weir.http.MessageError;
import weir.http.RequestReceiver;
import weir.http.Tick;

/**
 * Forwards the events of one request stream: {@link RequestReading} has its states, {@link Http3ClientStream} answers.
 * Confined to one event loop.
 */
final class RequestStreamHandler extends ChannelInboundHandlerAdapter implements Tick.Member {
    private final Http3Connection connection;
    private final StreamBytes bytes;
    private @Nullable Http3ClientStream stream;
    private @Nullable ChannelHandlerContext waiting;
    private boolean over;
    private boolean stopped;
    private int tickPlace = -1;

    RequestStreamHandler(Http3Connection connection) {
        this.connection = connection;
        this.bytes = new StreamBytes(this::refused, this::drained, connection.holding());
    }

    StreamBytes bytes() {
        return bytes;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        stream = new Http3ClientStream(connection, ctx, bytes);
        connection.opened();
        connection.tick().join(this);
        if (!connection.requests().ready()) {
            waiting = ctx;
            ctx.channel().config().setAutoRead(false);
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        RequestReading reading = stream().reading();
        if (message instanceof Http3HeadersFrame head) {
            reading.headers(head.headers());
        } else if (message instanceof Http3DataFrame data) {
            reading.data(data.content());
        } else {
            ReferenceCountUtil.release(message);
            if (message instanceof Http3PushPromiseFrame) {
                connection.close(Http3ErrorCode.H3_FRAME_UNEXPECTED); // clients do not push (RFC 9114 section 7.2.5)
            } else {
                connection.count(FloodGuard.Event.UNKNOWN);
            }
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        stream().reading().readComplete();
        stream().flush();
    }

    private void drained() {
        try {
            tellWritable();
        } catch (RuntimeException | Error bug) {
            broke(bug);
        }
    }

    private void tellWritable() {
        RequestReceiver to = stream().reading().receiver();
        if (to != null && stream().writable()) {
            to.writable();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        end();
    }

    /** Behind the end, or because another handler has thrown before this one heard of it. */
    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        end();
    }

    private void end() {
        if (!over) {
            over = true;
            connection.tick().leave(this);
            connection.closed();
            stream().gone();
        }
    }

    private void refused() {
        try {
            stream().cancelled();
        } catch (RuntimeException | Error bug) {
            broke(bug);
        }
    }

    private void broke(Throwable bug) {
        connection.bug(bug);
        fail(stream(), MessageError.INTERNAL);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        Http3ClientStream on = stream();
        if (cause instanceof QuicStreamResetException) {
            on.cancelled();
        } else if (cause instanceof QuicException || cause instanceof IOException) {
            on.gone();
        } else if (cause instanceof Http3Exception broken) {
            // The codec closes the connection, or resets the stream.
            fail(on, error(broken.errorCode()));
        } else if (isOfCodec(cause)) {
            fail(on, MessageError.REQUEST_LINE);
        } else {
            broke(cause);
        }
    }

    /** The codec's own opinion on fields, which we share, but it is asked first. */
    private static boolean isOfCodec(Throwable cause) {
        return cause.getClass().getPackageName().startsWith("io.netty.handler.codec")
                || cause instanceof IllegalArgumentException;
    }

    private static void fail(Http3ClientStream on, MessageError error) {
        on.mute();
        on.reading().failed(error);
        on.breakOff(Http3ErrorCode.H3_MESSAGE_ERROR);
    }

    private static MessageError error(Http3ErrorCode code) {
        return switch (code) {
            case H3_EXCESSIVE_LOAD -> MessageError.FIELDS_TOO_LARGE;
            case H3_FRAME_ERROR, H3_FRAME_UNEXPECTED -> MessageError.CHUNK;
            default -> MessageError.REQUEST_LINE;
        };
    }

    @Override
    public void tick(long nowNanos) {
        try {
            check(nowNanos);
        } catch (RuntimeException | Error bug) {
            broke(bug);
        }
    }

    private void check(long nowNanos) {
        boolean stops = connection.holding().stopped();
        if (stopped && !stops) {
            tellWritable();
        }
        stopped = stops;
        ChannelHandlerContext ctx = waiting;
        if (ctx == null) {
            stream().tick(nowNanos);
            stream().flush();
        } else if (connection.requests().ready()) {
            waiting = null;
            ctx.channel().config().setAutoRead(true);
        }
    }

    private Http3ClientStream stream() {
        Http3ClientStream known = stream;
        if (known == null) {
            throw new IllegalStateException("not added");
        }
        return known;
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
