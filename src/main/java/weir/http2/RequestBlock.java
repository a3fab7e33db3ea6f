package weir.http2;

import java.nio.charset.StandardCharsets;
import weir.http.FieldSyntax;
import weir.http.Fields;
import weir.http.KnownField;
import weir.http.Method;
import weir.http.RequestHead;

/**
 * Writes the header blocks of requests to a backend straight from the arena of their heads (RFC 9113 section 8.3.1; RFC
 * 8441 for a WebSocket). A block is put together behind the bytes in use of that arena. Confined to one event loop.
 */
final class RequestBlock {
    private static final byte[] METHOD = ascii(":method");
    private static final byte[] PROTOCOL = ascii(":protocol");
    private static final byte[] CONNECT = ascii("CONNECT");
    private static final byte[] WEBSOCKET = ascii("websocket");
    private static final byte[] TE_TRAILERS = ascii("trailers");
    private static final byte[] GRPC = ascii("application/grpc");
    private static final int PSEUDO_BYTES = 128;

    private final boolean secure;
    private final HpackEncoder encoder = new HpackEncoder();
    private boolean saidNoTable;

    /** A writer for a connection that is, or is not, over TLS. */
    RequestBlock(boolean secure) {
        this.secure = secure;
    }

    /** Writes the block of a request; {@code last}: no body follows. Returns its length in the arena, behind its end. */
    int head(RequestHead head, boolean last) {
        Fields fields = head.fields();
        int start = begin(fields, head.forwardedPath().length() + head.query().length());
        pseudo(head, fields.array());
        fields(head, last);
        if (takesTrailers(fields)) {
            field(KnownField.TE.bytes(), TE_TRAILERS);
        }
        long length = last ? 0 : head.contentLength();
        if (length > 0 || (last && saysNoBody(head.method()))) {
            encoder.named(
                    StaticTable.find(KnownField.CONTENT_LENGTH.bytes(), 0, KnownField.CONTENT_LENGTH.bytes().length));
            encoder.number(length);
        }
        return encoder.end() - start;
    }

    /** Writes the block of trailers. Returns its length in the arena, behind its end. */
    int trailers(Fields trailers) {
        int start = begin(trailers, 0);
        for (int i = 0; i < trailers.count(); i++) {
            if (!trailers.dropped(i)) {
                encoder.field(trailers, i);
            }
        }
        return encoder.end() - start;
    }

    private int begin(Fields fields, int twice) {
        int most = fields.length() + twice + HpackEncoder.FIELD_OVERHEAD * (fields.count() + 8) + PSEUDO_BYTES;
        byte[] out = fields.room(most + PSEUDO_BYTES);
        int start = fields.length();
        int at = start;
        if (!saidNoTable) {
            saidNoTable = true;
            out[at++] = HpackEncoder.NO_TABLE;
        }
        encoder.begin(out, at);
        return start;
    }

    private void pseudo(RequestHead head, byte[] a) {
        if (head.upgradesToWebSocket()) {
            field(METHOD, CONNECT);
            field(PROTOCOL, WEBSOCKET);
        } else if (head.method() == Method.GET) {
            encoder.indexed(StaticTable.METHOD_GET);
        } else if (head.method() == Method.POST) {
            encoder.indexed(StaticTable.METHOD_POST);
        } else {
            encoder.named(StaticTable.METHOD_GET);
            encoder.string(a, head.methodName().start(), head.methodName().length());
        }
        encoder.indexed(secure ? StaticTable.SCHEME_HTTPS : StaticTable.SCHEME_HTTP);
        if (!head.forwardedHost().isEmpty()) {
            encoder.named(StaticTable.AUTHORITY);
            encoder.string(a, head.forwardedHost().start(), head.forwardedHost().length());
        }
        path(head, a);
    }

    private void path(RequestHead head, byte[] a) {
        encoder.named(StaticTable.PATH);
        int path = head.forwardedPath().length();
        int query = head.query().length();
        if (query == 0 || head.query().start() == head.forwardedPath().end()) {
            encoder.string(a, head.forwardedPath().start(), path + query);
        } else {
            byte[] whole = new byte[path + query];
            System.arraycopy(a, head.forwardedPath().start(), whole, 0, path);
            System.arraycopy(a, head.query().start(), whole, path, query);
            encoder.string(whole, 0, whole.length);
        }
    }

    private void fields(RequestHead head, boolean last) {
        Fields fields = head.fields();
        boolean webSocket = head.upgradesToWebSocket();
        for (int i = 0; i < fields.count(); i++) {
            if (!fields.dropped(i) && !own(fields, i, last, webSocket)) {
                encoder.field(fields, i);
            }
        }
    }

    private void field(byte[] name, byte[] value) {
        encoder.field(name, 0, name.length, value, 0, value.length);
    }

    /** Whether a field is the connection's, the framing's or a pseudo-header field's business. */
    private static boolean own(Fields fields, int i, boolean last, boolean webSocket) {
        KnownField known = fields.knownOfAll(i);
        if (known == null) {
            return false;
        }
        return switch (known) {
            case HOST, CONTENT_LENGTH, TE -> true;
            case TRAILER -> last;
            case SEC_WEBSOCKET_KEY -> webSocket;
            default -> known.ofConnection();
        };
    }

    /** Whether the client takes trailers: it says so itself, or speaks gRPC, which cannot do without. */
    private static boolean takesTrailers(Fields fields) {
        for (int i = fields.first(KnownField.TE); i >= 0; i = fields.next(i)) {
            if (fields.valueLists(i, TE_TRAILERS)) {
                return true;
            }
        }
        int type = fields.first(KnownField.CONTENT_TYPE);
        return type >= 0
                && fields.valueLength(type) >= GRPC.length
                && FieldSyntax.equalsIgnoreCase(fields.array(), fields.valueStart(type), GRPC);
    }

    /** Methods that come with a body by nature say that there is none (RFC 9110 section 8.6). */
    private static boolean saysNoBody(Method method) {
        return method == Method.POST || method == Method.PUT || method == Method.PATCH;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
