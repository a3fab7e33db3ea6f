package weir.http3;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http3.DefaultHttp3DataFrame;
import io.netty.handler.codec.http3.DefaultHttp3HeadersFrame;
import io.netty.handler.codec.http3.Http3ErrorCode;
import io.netty.handler.codec.http3.Http3Headers;
import io.netty.handler.codec.quic.QuicStreamChannel;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;
import weir.http.ClientStream;
import weir.http.Fields;
import weir.http.FloodGuard;
import weir.http.Holding;
import weir.http.KnownField;
import weir.http.Method;
import weir.http.RequestHead;
import weir.http.RequestReceiver;
import weir.http.ResponseHead;
import weir.http.TlsFacts;
import weir.http3.RequestReading.State;

/**
 * The response of one request stream, and how the stream ends: with both directions ended, or by being reset. Confined
 * to one event loop.
 */
final class Http3ClientStream implements ClientStream {
    private final Http3Connection connection;
    private final ChannelHandlerContext context;
    private final QuicStreamChannel channel;
    private final StreamBytes bytes;
    private final RequestReading reading;
    private final Runnable wake = this::woken;

    private boolean exchanging;
    private boolean responded;
    private boolean muted;
    private boolean bodiless;
    private boolean toHead;
    private boolean inputRefused;
    private boolean wakeScheduled;
    private long left;

    Http3ClientStream(Http3Connection connection, ChannelHandlerContext context, StreamBytes bytes) {
        this.connection = connection;
        this.context = context;
        this.channel = (QuicStreamChannel) context.channel();
        this.bytes = bytes;
        this.reading = new RequestReading(connection, this, bytes);
    }

    RequestReading reading() {
        return reading;
    }

    /** What is written from now on answers that request. */
    RequestReceiver begin(RequestHead request) {
        exchanging = true;
        toHead = request.method() == Method.HEAD;
        return connection.requests().open(this);
    }

    /** Nothing is written any more: the codec resets the stream, or has closed the connection. */
    void mute() {
        muted = true;
    }

    // The response

    @Override
    public InetSocketAddress peer() {
        return connection.facts().peer();
    }

    @Override
    public InetSocketAddress local() {
        return connection.facts().local();
    }

    @Override
    public @Nullable TlsFacts tls() {
        return connection.facts().tls();
    }

    @Override
    public void inform(ResponseHead head) {
        if (exchanging && !responded && !muted) {
            context.write(new DefaultHttp3HeadersFrame(ResponseSection.of(head, -1, false)), context.voidPromise());
        }
    }

    @Override
    public void respond(ResponseHead head, boolean last) {
        if (!exchanging || responded) {
            return;
        }
        responded = true;
        int status = head.status();
        bodiless = toHead || status == 204 || status == 304;
        left = bodiless ? 0 : last ? 0 : head.contentLength();
        if (!muted) {
            boolean asReceived = bodiless && status != 204;
            long length = bodiless ? impliedLength(head) : left;
            Http3Headers section = ResponseSection.of(head, length, asReceived);
            context.write(new DefaultHttp3HeadersFrame(section), context.voidPromise());
        }
        if (last) {
            responseEnd();
        }
    }

    /** What a response to HEAD says of the body it has not, if it is of our own making. */
    private static long impliedLength(ResponseHead head) {
        boolean said = head.fields().has(KnownField.CONTENT_LENGTH);
        return said || head.status() == 204 || head.contentLength() <= 0 ? -1 : head.contentLength();
    }

    @Override
    public void write(ByteBuf data) {
        int length = data.readableBytes();
        if (!exchanging || !responded || bodiless || length == 0) {
            data.release();
        } else if (left >= 0 && length > left) {
            data.release();
            abort();
        } else {
            left -= left >= 0 ? length : 0;
            if (muted) {
                data.release();
            } else {
                // The codec takes the buffer from its first byte on, whatever was read of it.
                ByteBuf whole = data.readerIndex() == 0 ? data : data.slice();
                context.write(new DefaultHttp3DataFrame(whole), context.voidPromise());
            }
        }
    }

    @Override
    public void finish(@Nullable Fields trailers) {
        if (!exchanging || !responded) {
            return;
        }
        if (left > 0) {
            abort();
            return;
        }
        Http3Headers section = trailers == null || bodiless ? null : ResponseSection.ofTrailers(trailers);
        if (section != null && !muted) {
            context.write(new DefaultHttp3HeadersFrame(section), context.voidPromise());
        }
        responseEnd();
    }

    @Override
    public void flush() {
        if (!muted) {
            context.flush();
        }
    }

    @Override
    public boolean writable() {
        return muted || bytes.writable();
    }

    @Override
    public Holding holding() {
        return connection.holding();
    }

    @Override
    public void bodyTimeout(long nanos) {
        reading.bodyTimeout(nanos);
    }

    /** Whether the final head was written. */
    boolean responded() {
        return responded;
    }

    @Override
    public void pause() {
        reading.pause();
        channel.config().setAutoRead(false);
    }

    @Override
    public void resume() {
        if (reading.resume()) {
            wakeSoon();
        }
    }

    /** Reading begins from a task: the channel delivers at once what it has. */
    private void wakeSoon() {
        if (!wakeScheduled) {
            wakeScheduled = true;
            context.executor().execute(wake);
        }
    }

    private void woken() {
        wakeScheduled = false;
        try {
            reading.deliverHeld();
            if (!reading.paused()) {
                channel.config().setAutoRead(true);
            }
        } catch (RuntimeException | Error bug) {
            connection.bug(bug);
            reset();
        }
    }

    @Override
    public void tunnel() {
        // Extended CONNECT (RFC 9220) is not offered.
    }

    @Override
    public void closeAfterResponse() {
        // The stream ends with its response anyway.
    }

    @Override
    public void reset() {
        if (exchanging) {
            breakOff(Http3ErrorCode.H3_INTERNAL_ERROR);
        }
    }

    // The end

    private void responseEnd() {
        exchanging = false;
        if (!muted) {
            bytes.end();
        }
        reading.answered();
        if (!reading.ended() && channel.isOpen()) {
            wakeSoon(); // what still comes is read, so that its end is seen
        }
    }

    /** So much came behind the response that the client is told to stop. */
    void refuseInput() {
        if (!inputRefused) {
            inputRefused = true;
            channel.shutdownInput(Http3ErrorCode.H3_NO_ERROR.code());
        }
    }

    /** The response cannot be completed: the receiver hears of it, the client sees a reset. */
    private void abort() {
        RequestReceiver to = reading.receiver();
        breakOff(Http3ErrorCode.H3_INTERNAL_ERROR);
        if (to != null) {
            to.aborted();
        }
    }

    /** Resets both directions at once. */
    void breakOff(Http3ErrorCode code) {
        exchanging = false;
        muted = true;
        boolean ended = reading.ended();
        reading.close();
        bytes.discard();
        if (channel.isOpen()) {
            channel.shutdown(code.code());
            channel.close();
            if (!ended) {
                connection.abandoned();
            }
        }
    }

    /** The client takes no answer, or the channel is closed. */
    void gone() {
        exchanging = false;
        muted = true;
        reading.gone();
        breakOff(Http3ErrorCode.H3_REQUEST_CANCELLED);
    }

    /** The client wants no more of it, or sends no more. */
    void cancelled() {
        if (!muted) {
            connection.count(FloodGuard.Event.RESET);
        }
        gone();
    }

    void tick(long now) {
        State state = reading.state();
        if (state != State.DISCARD || exchanging) {
            reading.tick(now);
            return;
        }
        if (!reading.ended() && reading.lingers(now)) {
            refuseInput();
        }
        if (inputRefused && bytes.sent()) {
            // Without a reset, which would take back what is on its way.
            reading.close();
            channel.close();
            connection.abandoned();
        } else if (reading.idles(now)) {
            breakOff(Http3ErrorCode.H3_NO_ERROR);
        }
    }
}
