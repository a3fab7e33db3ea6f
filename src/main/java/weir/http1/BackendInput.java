package weir.http1;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;
import weir.config.LimitsConfig.Underscores;
import weir.http.BackendFailure;
import weir.http.Fields;
import weir.http.HeadPool;
import weir.http.MessageError;
import weir.http.MessageLimits;
import weir.http.ResponseHead;

/**
 * What a backend sent and nobody took yet: held bytes, the head being read, the body. Heads stay its own: they are lent
 * to the receiver, and go back to the pool when they are neither needed nor lent. Confined to one event loop.
 */
final class BackendInput {
    private final HeadPool heads;
    private final Http1ResponseParser parser;
    private final BodyReader body;
    private final HeldInput held = new HeldInput();
    private @Nullable ResponseHead head;
    private @Nullable ResponseHead lent;

    BackendInput(HeadPool heads, int responseHeadLimit) {
        this.heads = heads;
        this.parser = new Http1ResponseParser(responseHeadLimit);
        int trailers = responseHeadLimit <= 0 ? MessageLimits.MOST_BYTES : responseHeadLimit;
        this.body = new BodyReader(trailers, MessageLimits.MOST_FIELDS, Underscores.PASS);
    }

    /** Takes a buffer over. */
    void add(ByteBuf in) {
        held.add(in);
    }

    /** Whether no byte is held. */
    boolean isEmpty() {
        return held.isEmpty();
    }

    /** Lets go what is held. */
    void release() {
        held.releaseAll();
    }

    // The head

    /** Reads on in the head, or in the next one; only if not empty. */
    Progress readHead(boolean toHead) {
        if (head == null) {
            head = heads.response();
            parser.begin(head, toHead);
        }
        Progress progress = parser.parse(held.peek());
        held.consumed();
        return progress;
    }

    /** What the refused head makes of the attempt. */
    BackendFailure headFailure() {
        return parser.error() == MessageError.FIELDS_TOO_LARGE
                ? BackendFailure.HEAD_TOO_LARGE
                : BackendFailure.INVALID_RESPONSE;
    }

    /** The head that was read to its end, for a receiver to look at until {@link #takeBack}. */
    ResponseHead lendHead() {
        ResponseHead read = head;
        if (read == null) {
            throw new IllegalStateException("no head was begun");
        }
        lent = read;
        return read;
    }

    /** The next head is another one. */
    void forgetHead() {
        head = null;
    }

    /** The receiver has looked at the head. */
    void takeBack(ResponseHead seen) {
        lent = null;
        if (head != seen) {
            heads.release(seen);
        }
    }

    /** Gives the head back, unless the receiver is looking at it right now. */
    void releaseHead() {
        ResponseHead done = head;
        head = null;
        parser.forget();
        if (done != null && done != lent) {
            heads.release(done);
        }
    }

    /** Whether the backend keeps the connection open after this response. */
    boolean keepsAlive() {
        return parser.keepsAlive();
    }

    // The body

    /** What follows is the body of that response; false when it has none. */
    boolean beginBody(ResponseHead of) {
        if (parser.chunked() && of.contentLength() != 0) {
            body.beginChunked();
        } else if (parser.untilClose()) {
            body.beginEndless();
        } else {
            body.beginLength(of.contentLength());
            return of.contentLength() != 0;
        }
        return true;
    }

    /** What follows are a tunnel's bytes. */
    void beginTunnel() {
        body.beginEndless();
    }

    /** Whether the body ends with the connection. */
    boolean endless() {
        return body.endless();
    }

    /** Reads on in the body. */
    Progress readBody() {
        return body.read(held);
    }

    /** Whether only the end of the body is left to be told. */
    boolean bodyExhausted() {
        return body.exhausted();
    }

    /** The body bytes at hand; ownership passes. */
    ByteBuf takeBody() {
        return body.take();
    }

    /** The trailers of a complete body, or null. */
    @Nullable
    Fields trailers() {
        return body.trailers();
    }

    /** Lets go of the trailers. */
    void endBody() {
        body.forget();
    }
}
