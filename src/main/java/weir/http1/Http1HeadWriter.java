package weir.http1;

import io.netty.handler.codec.http.HttpResponseStatus;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import weir.http.Fields;
import weir.http.KnownField;
import weir.http.Method;
import weir.http.Protocol;
import weir.http.RequestHead;
import weir.http.ResponseHead;
import weir.http.Span;
import weir.http.WebSocketKey;

/**
 * Writes heads (RFC 9112) by copying ranges of their arena; fields that stand in it as they are to be sent, one after
 * the other, are copied at once. A head is put together in its own arena, behind the bytes in use, and goes from there
 * to the output in one piece. Framing, Host, Connection and Upgrade are the writer's own, and are never taken from
 * received fields. Confined to one event loop.
 */
final class Http1HeadWriter {
    private static final byte[] REQUEST_VERSION = ascii(" HTTP/1.1\r\nhost: ");
    private static final byte[] RESPONSE_VERSION = ascii("HTTP/1.1 ");
    private static final byte[] LENGTH = ascii("content-length: ");
    private static final byte[] CHUNKED = ascii("transfer-encoding: chunked\r\n");
    private static final byte[] CLOSE = ascii("connection: close\r\n");
    private static final byte[] KEEP_ALIVE = ascii("connection: keep-alive\r\n");
    private static final byte[] UPGRADE = ascii("connection: upgrade\r\nupgrade: websocket\r\n");
    private static final byte[] WEBSOCKET_KEY = ascii("sec-websocket-key: ");
    private static final byte[][] REASONS = new byte[600][];
    private static final byte[] NOTHING = {};
    private static final int FIXED_PARTS = 256;

    static {
        for (int status = 100; status < 600; status++) {
            HttpResponseStatus known = HttpResponseStatus.valueOf(status);
            String phrase = known.reasonPhrase();
            REASONS[status] = ascii(phrase.startsWith("Unknown") ? "" : phrase);
        }
    }

    private byte[] out = NOTHING;
    private int at;

    /** What a response's Connection field says. */
    enum Persistence {
        UNSAID,
        CLOSE,
        KEEP_ALIVE,
        UPGRADE
    }

    /** How a body's length is told. */
    enum Length {
        /** There is no body; a received Content-Length tells of one there could have been (HEAD, 304). */
        AS_RECEIVED,
        /** There is no body and no Content-Length (1xx, 204), or the connection's end tells. */
        UNSAID,
        KNOWN,
        CHUNKED
    }

    /**
     * Writes a request head whose body has the head's {@link RequestHead#contentLength()}, or none. Returns the key of a
     * WebSocket, which is made here for a client that has none (RFC 8441 section 5); null for other requests.
     */
    byte @Nullable [] request(RequestHead head, boolean last, Output to) {
        Fields fields = head.fields();
        begin(fields, head.forwardedPath().length() + head.forwardedHost().length());
        target(head);
        copy(REQUEST_VERSION);
        run(head.forwardedHost().start(), head.forwardedHost().end());
        lineEnd();
        boolean chunked = !last && head.contentLength() == RequestHead.UNKNOWN_LENGTH;
        fields(fields, KnownField.HOST, chunked, head.protocol() == Protocol.HTTP_1_0);
        long length = last ? 0 : head.contentLength();
        if (chunked) {
            copy(CHUNKED);
        } else if (length > 0 || saysNoBody(head)) {
            contentLength(length);
        }
        if (head.upgradesToWebSocket()) {
            copy(UPGRADE);
        }
        byte[] key = null;
        if (head.upgradesToWebSocket() && head.protocol().compareTo(Protocol.HTTP_2) >= 0) {
            key = WebSocketKey.fresh();
            webSocketKey(key);
        } else if (head.upgradesToWebSocket()) {
            key = WebSocketKey.forwarded(fields);
        }
        end(fields, to);
        return key;
    }

    /** Method and target: where they stand in the arena one after the other, as most do, in one copy. */
    private void target(RequestHead head) {
        Span method = head.methodName();
        Span path = head.forwardedPath();
        Span query = head.query();
        boolean joined = query.isEmpty() || query.start() == path.end();
        if (joined && path.start() == method.end() + 1 && out[method.end()] == ' ') {
            run(method.start(), path.end() + query.length());
            return;
        }
        run(method.start(), method.end());
        out[at++] = ' ';
        run(path.start(), path.end());
        run(query.start(), query.end());
    }

    /** Writes a response head; {@code bytes} is the length of the body if that is known. */
    void response(ResponseHead head, Length length, long bytes, Persistence persistence, Output to) {
        Fields fields = head.fields();
        begin(fields, 0);
        copy(RESPONSE_VERSION);
        int status = head.status();
        out[at++] = (byte) ('0' + status / 100);
        out[at++] = (byte) ('0' + status / 10 % 10);
        out[at++] = (byte) ('0' + status % 10);
        out[at++] = ' ';
        if (head.reason().isEmpty()) {
            copy(REASONS[status]);
        } else {
            run(head.reason().start(), head.reason().end());
        }
        lineEnd();
        fields(fields, null, length == Length.CHUNKED, false);
        switch (length) {
            case KNOWN -> contentLength(bytes);
            case CHUNKED -> copy(CHUNKED);
            case AS_RECEIVED -> receivedLength(head);
            default -> {}
        }
        switch (persistence) {
            case CLOSE -> copy(CLOSE);
            case KEEP_ALIVE -> copy(KEEP_ALIVE);
            case UPGRADE -> copy(UPGRADE);
            default -> {}
        }
        end(fields, to);
    }

    /** Writes trailers and the empty line behind them. */
    void trailers(Fields trailers, Output to) {
        begin(trailers, 0);
        fields(trailers, null, true, false);
        end(trailers, to);
    }

    /** Methods that come with a body by nature say that there is none (RFC 9110 section 8.6). */
    private static boolean saysNoBody(RequestHead head) {
        Method method = head.method();
        return method == Method.POST
                || method == Method.PUT
                || method == Method.PATCH
                || head.fields().has(KnownField.CONTENT_LENGTH);
    }

    private void begin(Fields fields, int twice) {
        int most = fields.length() + twice + 4 * fields.count() + FIXED_PARTS;
        out = fields.room(most);
        at = fields.length();
    }

    private void end(Fields fields, Output to) {
        lineEnd();
        int start = fields.length();
        int bytes = at - start;
        to.room(bytes).writeBytes(out, start, bytes);
        out = NOTHING;
    }

    private void fields(Fields fields, @Nullable KnownField replaced, boolean chunked, boolean http10) {
        int runStart = 0;
        int runEnd = 0;
        for (int i = 0; i < fields.count(); i++) {
            if (fields.dropped(i) || own(fields, i, replaced, chunked, http10)) {
                continue;
            }
            int nameStart = fields.nameStart(i);
            int valueEnd = fields.valueStart(i) + fields.valueLength(i);
            if (asWritten(fields, i, nameStart, valueEnd)) {
                if (nameStart != runEnd) {
                    run(runStart, runEnd);
                    runStart = nameStart;
                }
                runEnd = valueEnd + 2;
            } else {
                run(runStart, runEnd);
                runStart = runEnd;
                field(fields, i);
            }
        }
        run(runStart, runEnd);
    }

    private boolean own(Fields fields, int i, @Nullable KnownField replaced, boolean chunked, boolean http10) {
        KnownField known = fields.knownOfAll(i);
        return known != null
                && (known == replaced
                        || ConnectionFields.own(known)
                        || (known == KnownField.TRAILER && !chunked)
                        || (known == KnownField.EXPECT && http10));
    }

    /** Whether the arena has the field as {@code name: value CRLF}. */
    private boolean asWritten(Fields fields, int i, int nameStart, int valueEnd) {
        int nameEnd = nameStart + fields.nameLength(i);
        return fields.valueStart(i) == nameEnd + 2
                && valueEnd + 2 <= fields.length()
                && out[nameEnd] == ':'
                && out[nameEnd + 1] == ' '
                && out[valueEnd] == '\r'
                && out[valueEnd + 1] == '\n';
    }

    private void run(int start, int end) {
        System.arraycopy(out, start, out, at, end - start);
        at += end - start;
    }

    private void field(Fields fields, int i) {
        run(fields.nameStart(i), fields.nameStart(i) + fields.nameLength(i));
        out[at++] = ':';
        out[at++] = ' ';
        run(fields.valueStart(i), fields.valueStart(i) + fields.valueLength(i));
        lineEnd();
    }

    private void receivedLength(ResponseHead head) {
        Fields fields = head.fields();
        int i = fields.first(KnownField.CONTENT_LENGTH);
        if (i >= 0) {
            field(fields, i);
        } else if (head.contentLength() > 0) {
            contentLength(head.contentLength());
        }
    }

    private void contentLength(long length) {
        copy(LENGTH);
        int digits = 1;
        for (long n = length; n >= 10; n /= 10) {
            digits++;
        }
        long n = length;
        for (int i = at + digits - 1; i >= at; i--) {
            out[i] = (byte) ('0' + n % 10);
            n /= 10;
        }
        at += digits;
        lineEnd();
    }

    private void webSocketKey(byte[] key) {
        copy(WEBSOCKET_KEY);
        copy(key);
        lineEnd();
    }

    private void copy(byte[] bytes) {
        System.arraycopy(bytes, 0, out, at, bytes.length);
        at += bytes.length;
    }

    private void lineEnd() {
        out[at++] = '\r';
        out[at++] = '\n';
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
