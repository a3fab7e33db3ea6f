package weir.http1;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import org.jspecify.annotations.Nullable;
import weir.http.Fields;
import weir.http.Method;
import weir.http.Protocol;
import weir.http.RequestHead;
import weir.http.ResponseHead;
import weir.http1.Http1HeadWriter.Length;
import weir.http1.Http1HeadWriter.Persistence;

/**
 * Writes the responses of one client's connection: chooses the framing by the response's length, the request's method
 * and the client's version (RFC 9112 section 6.3). Confined to one event loop.
 */
final class ResponseOutput {
    private final Output output;
    private final Http1HeadWriter heads = new Http1HeadWriter();
    private final BodyWriter body;
    private boolean toHead;
    private boolean toHttp10;

    ResponseOutput(ChannelHandlerContext context) {
        output = new Output(context);
        body = new BodyWriter(output, heads);
    }

    /** The response to come answers that request. */
    void answers(RequestHead request) {
        toHead = request.method() == Method.HEAD;
        toHttp10 = request.protocol() == Protocol.HTTP_1_0;
    }

    /** Whether a 1xx can be written. */
    boolean informs() {
        return !toHttp10;
    }

    /** Writes a 1xx, or the head of a 101 whose tunnel follows. */
    void inform(ResponseHead head) {
        boolean upgrade = head.status() == 101;
        heads.response(head, Length.UNSAID, 0, upgrade ? Persistence.UPGRADE : Persistence.UNSAID, output);
        if (upgrade) {
            body.beginRaw();
        }
    }

    /** Whether the body has an end that the client recognises on a connection that stays open. */
    boolean delimits(ResponseHead head, boolean last) {
        return !toHttp10 || last || bodiless(head.status()) || head.contentLength() >= 0;
    }

    /** Writes a final head. */
    void respond(ResponseHead head, boolean last, boolean keepAlive) {
        Persistence persistence =
                !keepAlive ? Persistence.CLOSE : toHttp10 ? Persistence.KEEP_ALIVE : Persistence.UNSAID;
        long bytes = last ? 0 : head.contentLength();
        Length length;
        if (bodiless(head.status())) {
            length = head.status() == 204 ? Length.UNSAID : Length.AS_RECEIVED;
            body.beginNone();
        } else if (bytes >= 0) {
            length = Length.KNOWN;
            body.beginLength(bytes);
        } else if (toHttp10) {
            length = Length.UNSAID;
            body.beginRaw();
        } else {
            length = Length.CHUNKED;
            body.beginChunked();
        }
        heads.response(head, length, bytes, persistence, output);
    }

    private boolean bodiless(int status) {
        return toHead || status == 204 || status == 304;
    }

    /** Whether only the connection's end tells where the body ends. */
    boolean endsWithConnection() {
        return body.raw();
    }

    /** Writes data, which it takes over; false when it is more than the head announced. */
    boolean write(ByteBuf data) {
        return body.write(data);
    }

    /** Ends the body; false when it is less than the head announced. */
    boolean finish(@Nullable Fields trailers) {
        return body.finish(trailers);
    }

    /** Sends what was written. */
    void flush() {
        body.flush();
    }

    /** Forgets what was not handed to the channel yet. */
    void discard() {
        output.discard();
    }
}
