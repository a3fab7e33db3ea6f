package weir.proxy;

import io.netty.buffer.Unpooled;
import weir.http.ClientStream;
import weir.http.HeadPool;
import weir.http.KnownField;
import weir.http.ResponseHead;

/**
 * An answer that Weir gives itself: an error, a redirect, a fixed response. Used once. Confined to one event loop.
 *
 * @param head the head, its length set
 * @param body not to be changed; not sent in answer to HEAD
 */
record LocalAnswer(ResponseHead head, byte[] body, boolean toHead) {
    static final byte[] NO_BODY = new byte[0];
    private static final byte[] ALLOW = "allow".getBytes(java.nio.charset.StandardCharsets.US_ASCII);

    /** An error: its status in words and nothing of the inside. */
    static LocalAnswer error(HeadPool heads, int status, boolean toHead) {
        ResponseHead head = heads.response();
        byte[] body = ErrorBodies.of(status);
        head.status(status);
        head.contentLength(body.length);
        head.fields().add(KnownField.CONTENT_TYPE).value("text/plain; charset=utf-8");
        if (status == 405) {
            head.fields().add(ALLOW).value("GET, HEAD, POST, PUT, DELETE, OPTIONS, PATCH");
        }
        return new LocalAnswer(head, body, toHead);
    }

    int bodyBytes() {
        return toHead ? 0 : body.length;
    }

    /** Writes and flushes the answer and gives the head back. */
    void write(ClientStream to, Loop loop) {
        head.fields().add(KnownField.DATE).value(loop.date());
        boolean last = toHead || body.length == 0;
        to.respond(head, last);
        if (!last) {
            to.write(Unpooled.wrappedBuffer(body));
            to.finish(null);
        }
        to.flush();
        loop.heads().release(head);
    }
}
