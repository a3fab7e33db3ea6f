package weir.http1;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;
import weir.http.Fields;
import weir.http.HeadPool;
import weir.http.Holding;
import weir.http.MessageError;
import weir.http.MessageLimits;
import weir.http.RequestHead;

/** What a client sent and nobody took yet: held bytes, the head being read, the body. Confined to one event loop. */
final class ClientInput {
    private final HeadPool heads;
    private final Http1RequestParser parser;
    private final BodyReader body;
    private final HeldInput held = new HeldInput();
    private final Holding holding;
    private @Nullable RequestHead head;
    private int counted;
    private boolean keepsAlive;
    private boolean expectsContinue;

    ClientInput(HeadPool heads, Http1Limits limits, Holding holding) {
        this.heads = heads;
        this.holding = holding;
        MessageLimits message = limits.message();
        this.parser = new Http1RequestParser(message);
        this.body = new BodyReader(message.headers(), message.headerCount(), message.underscores());
    }

    /** Takes a buffer over. */
    void add(ByteBuf in) {
        held.add(in);
    }

    /** On whose account this is. */
    Holding holding() {
        return holding;
    }

    /** Counts what is held now. */
    void count() {
        RequestHead begun = head;
        counted = holding.change(
                counted, held.capacity() + (begun == null ? 0 : begun.fields().heldBytes()));
    }

    /** Whether no byte is held. */
    boolean isEmpty() {
        return held.isEmpty();
    }

    /** Lets go what is held. */
    void release() {
        held.releaseAll();
    }

    /** Lets go what is held, and the head that was begun. */
    void releaseAll() {
        held.releaseAll();
        RequestHead unused = head;
        if (unused != null) {
            head = null;
            parser.forget();
            heads.release(unused);
        }
    }

    /** Reads on in the head; only if not empty. */
    Progress readHead() {
        if (head == null) {
            head = heads.request();
            head.started();
            parser.begin(head);
        }
        Progress progress = parser.parse(held.peek());
        held.consumed();
        if (progress == Progress.DONE) {
            keepsAlive = parser.keepsAlive();
            expectsContinue = parser.expectsContinue();
        }
        return progress;
    }

    /** Whether some bytes of a head were read, but not all. */
    boolean headBegun() {
        return head != null && parser.started();
    }

    /** Hands the head over, read to its end or as far as it came. */
    RequestHead takeHead() {
        RequestHead taken = head;
        if (taken == null) {
            throw new IllegalStateException("no head was begun");
        }
        head = null;
        parser.forget();
        return taken;
    }

    /** Why the head is refused. */
    MessageError headError() {
        return parser.error();
    }

    /** Whether the client wants to use the connection again after this request. */
    boolean keepsAlive() {
        return keepsAlive;
    }

    /** Whether the client waits for a 100 before it sends the body. */
    boolean expectsContinue() {
        return expectsContinue;
    }

    /** What follows is the body of that request. */
    void beginBody(RequestHead of) {
        if (parser.chunked()) {
            body.beginChunked();
        } else {
            body.beginLength(of.contentLength());
        }
    }

    /** What follows are a tunnel's bytes. */
    void beginTunnel() {
        body.beginEndless();
    }

    /** Reads on in the body. */
    Progress readBody() {
        return body.read(held);
    }

    /** Whether only the end of the body is left to be told. */
    boolean bodyExhausted() {
        return body.exhausted();
    }

    /** How many bytes of the body are still to come; {@link Long#MAX_VALUE} where nobody knows. */
    long bodyRest() {
        return body.rest();
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

    /** Why the body is refused. */
    MessageError bodyError() {
        return body.error();
    }
}
