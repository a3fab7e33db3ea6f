package weir.testing;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.http3.DefaultHttp3DataFrame;
import io.netty.handler.codec.http3.DefaultHttp3Headers;
import io.netty.handler.codec.http3.DefaultHttp3HeadersFrame;
import io.netty.handler.codec.http3.Http3DataFrame;
import io.netty.handler.codec.http3.Http3Headers;
import io.netty.handler.codec.http3.Http3HeadersFrame;
import io.netty.handler.codec.quic.DefaultQuicStreamFrame;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.handler.codec.quic.QuicStreamResetException;
import io.netty.util.AsciiString;
import io.netty.util.ReferenceCountUtil;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** One request of an {@link Http3Client} and what came of it. Thread-safe. */
public final class Http3ClientRequest {
    private final List<Integer> informed = new CopyOnWriteArrayList<>();
    private final List<String> fields = new CopyOnWriteArrayList<>();
    private final List<String> trailers = new CopyOnWriteArrayList<>();
    private final ByteArrayOutputStream body = new ByteArrayOutputStream();
    private final AtomicLong received = new AtomicLong();
    private volatile boolean keepsBody = true;
    private volatile int status;
    private volatile boolean ended;
    private volatile boolean closed;
    private volatile long resetBy = -1;
    private volatile @Nullable QuicStreamChannel stream;

    private final class Responses extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext ctx, Object frame) {
            if (frame instanceof Http3HeadersFrame head) {
                head(head.headers());
            } else if (frame instanceof Http3DataFrame data) {
                data(data.content());
            }
            ReferenceCountUtil.release(frame);
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            ended |= event == ChannelInputShutdownEvent.INSTANCE;
            ctx.fireUserEventTriggered(event);
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            closed = true;
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            if (cause instanceof QuicStreamResetException reset) {
                resetBy = reset.applicationProtocolCode();
            }
        }
    }

    Http3ClientRequest() {}

    ChannelHandler handler() {
        return new Responses();
    }

    Http3ClientRequest on(QuicStreamChannel opened) {
        stream = opened;
        return this;
    }

    private QuicStreamChannel stream() {
        QuicStreamChannel known = stream;
        if (known == null) {
            throw new IllegalStateException("not open");
        }
        return known;
    }

    private void head(Http3Headers head) {
        List<String> to = status != 0 ? trailers : fields;
        CharSequence said = head.status();
        if (said != null && said.length() == 3 && said.charAt(0) == '1') {
            informed.add(Integer.parseInt(said.toString()));
            return;
        }
        head.forEach(field -> {
            if (field.getKey().charAt(0) != ':') {
                to.add(field.getKey() + ": " + field.getValue());
            }
        });
        if (said != null) {
            status = Integer.parseInt(said.toString());
        }
    }

    private synchronized void data(ByteBuf data) {
        received.addAndGet(data.readableBytes());
        if (keepsBody) {
            byte[] bytes = new byte[data.readableBytes()];
            data.readBytes(bytes);
            body.writeBytes(bytes);
        }
    }

    // What the client sends

    /** Sends a field section of lines such as {@code name: value}, whatever they are. */
    public Http3ClientRequest head(boolean last, String... lines) {
        Http3Headers section = new DefaultHttp3Headers(false);
        for (String line : lines) {
            int colon = line.indexOf(':', 1);
            section.add(
                    latin1(line.substring(0, colon)),
                    latin1(line.substring(colon + 1).replaceFirst("^ ", "")));
        }
        return send(new DefaultHttp3HeadersFrame(section), last);
    }

    private static AsciiString latin1(String text) {
        return new AsciiString(text.getBytes(StandardCharsets.ISO_8859_1), false);
    }

    /** Sends a DATA frame. */
    public Http3ClientRequest data(String text, boolean last) {
        return send(new DefaultHttp3DataFrame(Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1)), last);
    }

    /** Sends a DATA frame of so many bytes and returns when it is on its way. */
    public ChannelFuture block(int bytes) {
        return stream()
                .writeAndFlush(
                        new DefaultHttp3DataFrame(Unpooled.directBuffer(bytes).writeZero(bytes)));
    }

    private Http3ClientRequest send(Object frame, boolean last) {
        ChannelFuture written = stream().writeAndFlush(frame);
        return last ? end(written) : this;
    }

    /** Ends the request when that was written. */
    public Http3ClientRequest end(ChannelFuture behind) {
        behind.addListener(QuicStreamChannel.SHUTDOWN_OUTPUT);
        return this;
    }

    /** Ends the request. */
    public Http3ClientRequest end() {
        return end(stream().newSucceededFuture());
    }

    /** Sends a request of a table, below the codec, which would put its fields in order. */
    public Http3ClientRequest parts(List<MuxSmugglingTable.Part> parts) {
        for (MuxSmugglingTable.Part part : parts) {
            List<String> fields = part.fields();
            raw(fields == null ? Http3Frames.data(part.data()) : Http3Frames.section(fields), part.last());
        }
        return this;
    }

    /** Sends bytes below the codec. */
    public Http3ClientRequest raw(byte[] bytes, boolean last) {
        QuicStreamChannel on = stream();
        on.eventLoop().execute(() -> {
            ByteBuf buffer = Unpooled.directBuffer().writeBytes(bytes);
            on.pipeline().firstContext().writeAndFlush(new DefaultQuicStreamFrame(buffer, last));
        });
        return this;
    }

    /** Breaks the request off, as a client does that is not interested any more. */
    public void cancel(int code) {
        stream().shutdown(code);
    }

    /** Stops or goes on reading the response. */
    public Http3ClientRequest reads(boolean on) {
        stream().config().setAutoRead(on);
        return this;
    }

    /** Counts the response's body instead of keeping it. */
    public Http3ClientRequest counting() {
        keepsBody = false;
        return this;
    }

    // What came

    /** Waits for the end of the response, or of the stream. */
    public Http3ClientRequest awaitEnd() throws IOException, InterruptedException {
        return awaitEnd(WeirProcess.PATIENCE);
    }

    /** Waits so long for the end of a response, or of a stream, of many packets. */
    public Http3ClientRequest awaitEnd(Duration patience) throws IOException, InterruptedException {
        Await.until(() -> ended || closed || resetBy >= 0, patience, () -> "no end; " + this);
        return this;
    }

    /** Waits for the head of the final response. */
    public Http3ClientRequest awaitHead() throws IOException, InterruptedException {
        Await.until(() -> status != 0 || closed || resetBy >= 0, () -> "no head; " + this);
        return this;
    }

    /** Waits until so many bytes of the body came. */
    public Http3ClientRequest awaitBody(long bytes) throws IOException, InterruptedException {
        Await.until(() -> received.get() >= bytes, () -> "only " + received.get() + " of " + bytes + "; " + this);
        return this;
    }

    /** The status; 0 while there is none. */
    public int status() {
        return status;
    }

    /** The statuses of informational responses. */
    public List<Integer> informed() {
        return informed;
    }

    /** The fields of the response, {@code name: value} each. */
    public List<String> fields() {
        return fields;
    }

    /** The trailers of the response. */
    public List<String> trailers() {
        return trailers;
    }

    /** The body as Latin-1 text. */
    public synchronized String body() {
        return body.toString(StandardCharsets.ISO_8859_1);
    }

    /** Bytes of the body so far. */
    public long received() {
        return received.get();
    }

    /** Whether the response ended properly. */
    public boolean complete() {
        return ended && resetBy < 0;
    }

    /** The code of the server's reset; -1 for none. */
    public long resetBy() {
        return resetBy;
    }

    @Override
    public String toString() {
        return "status " + status + ", fields " + fields + ", " + received + " bytes, ended " + ended + ", reset by "
                + resetBy;
    }
}
