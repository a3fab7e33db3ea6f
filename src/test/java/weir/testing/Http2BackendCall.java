package weir.testing;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2GoAwayFrame;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.DefaultHttp2ResetFrame;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2ResetFrame;
import io.netty.handler.codec.http2.Http2StreamChannel;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One request to an {@link Http2Backend}. What a test reads may be read on any thread. */
public final class Http2BackendCall extends ChannelInboundHandlerAdapter {
    private final Channel connection;
    private final Consumer<Http2BackendCall> script;
    private @Nullable ChannelHandlerContext context;
    private Runnable onEnd = () -> {};
    private Consumer<String> onData = text -> {};

    public volatile @Nullable Http2Headers headers;
    public volatile @Nullable Http2Headers trailers;
    public volatile String body = "";
    public volatile long received;
    public volatile boolean ended;
    public volatile @Nullable Long resetCode;

    Http2BackendCall(Channel connection, Consumer<Http2BackendCall> script) {
        this.connection = connection;
        this.script = script;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        context = ctx;
        if (message instanceof Http2HeadersFrame frame) {
            boolean first = headers == null;
            if (first) {
                headers = frame.headers();
            } else {
                trailers = frame.headers();
            }
            ended |= frame.isEndStream();
            if (first) {
                script.accept(this);
            }
            end(frame.isEndStream());
        } else if (message instanceof Http2DataFrame frame) {
            String text = frame.content().toString(StandardCharsets.ISO_8859_1);
            received += text.length();
            body += received > 100_000 ? "" : text;
            boolean last = frame.isEndStream();
            frame.release();
            ended |= last;
            onData.accept(text);
            end(last);
        } else if (message instanceof Http2ResetFrame frame) {
            resetCode = frame.errorCode();
        } else {
            ReferenceCountUtil.release(message);
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof Http2ResetFrame frame) {
            resetCode = frame.errorCode();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        ctx.close();
    }

    private void end(boolean last) {
        if (last) {
            onEnd.run();
        }
    }

    /** A field of the request, or null. */
    public @Nullable String field(String name) {
        Http2Headers all = headers;
        CharSequence value = all == null ? null : all.get(name);
        return value == null ? null : value.toString();
    }

    /** What to do once the request is complete. */
    public Http2BackendCall onEnd(Runnable action) {
        onEnd = action;
        return this;
    }

    /** What to do with data. */
    public Http2BackendCall onData(Consumer<String> action) {
        onData = action;
        return this;
    }

    /** Answers with a head. */
    public Http2BackendCall respond(int status, boolean end, String... fields) {
        Http2Headers head = new DefaultHttp2Headers(false).status(String.valueOf(status));
        write(new DefaultHttp2HeadersFrame(add(head, fields), end));
        return this;
    }

    public Http2BackendCall data(String text, boolean end) {
        return data(Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1), end);
    }

    public Http2BackendCall data(ByteBuf data, boolean end) {
        write(new DefaultHttp2DataFrame(data, end));
        return this;
    }

    public Http2BackendCall trailers(String... fields) {
        write(new DefaultHttp2HeadersFrame(add(new DefaultHttp2Headers(false), fields), true));
        return this;
    }

    public void reset(Http2Error code) {
        write(new DefaultHttp2ResetFrame(code));
    }

    /** Tells the client that this is the last stream, and takes no more. */
    public void goAway() {
        connection.writeAndFlush(new DefaultHttp2GoAwayFrame(Http2Error.NO_ERROR));
    }

    /** Writes a GOAWAY as bytes, past the codec, that says that this stream was not looked at. */
    public void goAwayUnseen() {
        int last = ((Http2StreamChannel) context().channel()).stream().id() - 2;
        ByteBuf frame =
                Unpooled.buffer().writeMedium(8).writeByte(7).writeByte(0).writeInt(0);
        frame.writeInt(Math.max(0, last)).writeInt(0);
        connection.pipeline().firstContext().writeAndFlush(frame);
    }

    /** The connection it came on. */
    public Channel connection() {
        return connection;
    }

    private static Http2Headers add(Http2Headers to, String... fields) {
        for (int i = 0; i < fields.length; i += 2) {
            to.add(fields[i], fields[i + 1]);
        }
        return to;
    }

    private void write(Object frame) {
        context().writeAndFlush(frame);
    }

    private ChannelHandlerContext context() {
        ChannelHandlerContext ctx = context;
        if (ctx == null) {
            throw new IllegalStateException("no request yet");
        }
        return ctx;
    }
}
