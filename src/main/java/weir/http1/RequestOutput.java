package weir.http1;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import org.jspecify.annotations.Nullable;
import weir.http.Fields;
import weir.http.RequestHead;

/** Writes the requests of one connection to a backend. Confined to one event loop. */
final class RequestOutput {
    private final Output output;
    private final Http1HeadWriter heads = new Http1HeadWriter();
    private final BodyWriter body;

    RequestOutput(ChannelHandlerContext context) {
        output = new Output(context);
        body = new BodyWriter(output, heads);
    }

    /** Writes a head; {@code last}: no body follows. Returns the key it made for a WebSocket, or null. */
    byte @Nullable [] request(RequestHead head, boolean last) {
        if (last) {
            body.beginNone();
        } else if (head.contentLength() >= 0) {
            body.beginLength(head.contentLength());
        } else {
            body.beginChunked();
        }
        return heads.request(head, last, output);
    }

    /** What is written from now on are bytes as they are. */
    void tunnel() {
        body.beginRaw();
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
