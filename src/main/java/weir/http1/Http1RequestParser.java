package weir.http1;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;
import weir.http.FieldSyntax;
import weir.http.Fields;
import weir.http.KnownField;
import weir.http.MessageError;
import weir.http.MessageLimits;
import weir.http.Method;
import weir.http.Protocol;
import weir.http.RequestHead;
import weir.http.WebSocketKey;

/**
 * Reads request heads (RFC 9112), strictly, from bytes split anywhere: what it decides never depends on the split. The
 * bytes are copied to the head's arena in steps, so that little of a body is copied, and scanned there; what was copied
 * beyond the head's end is given back to the buffer. Confined to one event loop.
 */
public final class Http1RequestParser {
    private static final int STEP = 1024;
    private static final int MAX_EMPTY_LINES = 4;
    private static final byte[] VERSION = {'H', 'T', 'T', 'P', '/', 0, '.', 0};
    private static final byte[] WEBSOCKET = {'w', 'e', 'b', 's', 'o', 'c', 'k', 'e', 't'};
    private static final byte[] CONTINUE = {'1', '0', '0', '-', 'c', 'o', 'n', 't', 'i', 'n', 'u', 'e'};

    private static final int EMPTY_LINES = 0;
    private static final int EMPTY_LINE_FEED = 1;
    private static final int METHOD = 2;
    private static final int TARGET = 3;
    private static final int PROTOCOL = 4;
    private static final int LINE_END = 5;
    private static final int LINE_FEED = 6;
    private static final int FIELDS = 7;
    private static final int FAILED = 8;

    private final int maxLine;
    private final FieldSection section;
    private final Framing framing = new Framing();
    private final RequestTarget target = new RequestTarget();
    private @Nullable RequestHead head;
    private @Nullable MessageError error;
    private int state;
    private int position;
    private int emptyLines;
    private int lineStart;
    private int partStart;

    /** A parser with those limits. */
    public Http1RequestParser(MessageLimits limits) {
        this.maxLine = limits.requestLine();
        this.section = new FieldSection(limits.headers(), limits.headerCount(), limits.underscores());
    }

    /** Begins with a cleared head. */
    public void begin(RequestHead cleared) {
        head = cleared;
        error = null;
        state = EMPTY_LINES;
        position = 0;
        emptyLines = 0;
        lineStart = 0;
    }

    /** Lets go of the head, which belongs to somebody else from now on. */
    void forget() {
        head = null;
        section.forget();
    }

    /** Whether a byte of the request was read, empty lines before it aside. */
    public boolean started() {
        return state > EMPTY_LINE_FEED;
    }

    /** Reads on: {@code DONE} leaves the buffer at the body, {@code FAILED} anywhere. */
    Progress parse(ByteBuf in) {
        RequestHead request = present();
        Fields fields = request.fields();
        while (in.isReadable()) {
            fields.append(in, Math.min(in.readableBytes(), STEP));
            Progress progress = scan(request, fields);
            if (progress != Progress.MORE) {
                int end = state == FIELDS ? section.position() : position;
                in.readerIndex(in.readerIndex() - (fields.length() - end));
                fields.truncate(end);
                request.receivedBytes(end - lineStart);
                return progress == Progress.DONE ? check(request) : progress;
            }
        }
        request.receivedBytes(fields.length() - lineStart);
        return Progress.MORE;
    }

    /** Whether the body is chunked; once done. */
    public boolean chunked() {
        return framing.chunked();
    }

    /** Whether the client wants to use the connection again; once done. */
    public boolean keepsAlive() {
        RequestHead request = present();
        return Framing.keepsAlive(request.fields(), request.protocol());
    }

    /** Whether the client waits for a 100 before it sends the body; once done. */
    public boolean expectsContinue() {
        RequestHead request = present();
        return request.protocol() == Protocol.HTTP_1_1 && request.fields().has(KnownField.EXPECT);
    }

    /** Why the head is refused. */
    public MessageError error() {
        return error == null ? MessageError.REQUEST_LINE : error;
    }

    private Progress scan(RequestHead request, Fields fields) {
        if (state < FIELDS) {
            byte[] a = fields.array();
            int budgetEnd = lineStart + maxLine + 2;
            while (state < FIELDS) {
                int end = Math.min(fields.length(), budgetEnd);
                if (position == end) {
                    return end == budgetEnd ? failed(MessageError.TARGET_TOO_LONG) : Progress.MORE;
                }
                state = line(request, a, end);
                budgetEnd = lineStart + maxLine + 2;
            }
            if (state == FAILED) {
                return Progress.FAILED;
            }
            section.begin(fields, position);
        }
        Progress progress = section.scan();
        if (progress == Progress.FAILED) {
            error = section.error();
        }
        return progress;
    }

    private int line(RequestHead request, byte[] a, int end) {
        return switch (state) {
            case EMPTY_LINES -> emptyLine(a[position]);
            case EMPTY_LINE_FEED -> emptyLineFeed(a[position]);
            case METHOD -> method(request, a, end);
            case TARGET -> target(request, a, end);
            case PROTOCOL -> protocol(a, end);
            case LINE_END -> lineEnd(a[position]);
            default -> lineFeed(request, a);
        };
    }

    private int emptyLine(byte b) {
        if (b == '\r' && emptyLines < MAX_EMPTY_LINES) {
            emptyLines++;
            position++;
            return EMPTY_LINE_FEED;
        }
        lineStart = position;
        partStart = position;
        return METHOD;
    }

    private int emptyLineFeed(byte b) {
        if (b != '\n') {
            return fail(MessageError.LINE_END);
        }
        position++;
        lineStart = position;
        return EMPTY_LINES;
    }

    private int method(RequestHead request, byte[] a, int end) {
        position = FieldSyntax.tokenEnd(a, position, end);
        if (position == end) {
            return METHOD;
        }
        if (a[position] != ' ' || position == partStart) {
            return fail(a[position] == '\n' ? MessageError.LINE_END : MessageError.METHOD);
        }
        request.method(partStart, position - partStart);
        partStart = ++position;
        return TARGET;
    }

    private int target(RequestHead request, byte[] a, int end) {
        position = FieldSyntax.targetEnd(a, position, end);
        if (position == end) {
            return TARGET;
        }
        byte b = a[position];
        if (b == '\n' || b == '\r') {
            return fail(b == '\n' ? MessageError.LINE_END : MessageError.REQUEST_LINE);
        }
        if (b != ' ' || position == partStart) {
            return fail(MessageError.TARGET);
        }
        request.target().set(partStart, position - partStart);
        partStart = ++position;
        return PROTOCOL;
    }

    private int protocol(byte[] a, int end) {
        for (int i = position - partStart; i < VERSION.length; i = ++position - partStart) {
            if (position == end) {
                return PROTOCOL;
            }
            byte b = a[position];
            if (VERSION[i] == 0 ? b < '0' || b > '9' : b != VERSION[i]) {
                return fail(b == '\n' ? MessageError.LINE_END : MessageError.REQUEST_LINE);
            }
        }
        return LINE_END;
    }

    private int lineEnd(byte b) {
        if (b != '\r') {
            return fail(b == '\n' ? MessageError.LINE_END : MessageError.REQUEST_LINE);
        }
        position++;
        return LINE_FEED;
    }

    private int lineFeed(RequestHead request, byte[] a) {
        if (a[position] != '\n') {
            return fail(MessageError.LINE_END);
        }
        position++;
        byte minor = a[partStart + 7];
        if (a[partStart + 5] != '1' || minor > '1') {
            return fail(MessageError.VERSION);
        }
        request.protocol(minor == '1' ? Protocol.HTTP_1_1 : Protocol.HTTP_1_0);
        return FIELDS;
    }

    private Progress check(RequestHead request) {
        Fields fields = request.fields();
        MessageError because = framing.read(fields, request.protocol());
        if (because == null) {
            because = target.read(request);
        }
        if (because == null && expectsContinue() && !expectationKnown(fields)) {
            because = MessageError.EXPECTATION;
        }
        if (because != null) {
            error = because;
            return Progress.FAILED;
        }
        request.contentLength(framing.chunked() ? RequestHead.UNKNOWN_LENGTH : Math.max(0, framing.length()));
        boolean webSocket = asksForWebSocket(request, fields);
        if (webSocket && !WebSocketKey.isIn(fields)) {
            error = MessageError.WEBSOCKET_KEY;
            return Progress.FAILED;
        }
        request.upgradesToWebSocket(webSocket);
        return Progress.DONE;
    }

    private static boolean expectationKnown(Fields fields) {
        int i = fields.first(KnownField.EXPECT);
        return fields.next(i) < 0 && fields.valueIsIgnoreCase(i, CONTINUE);
    }

    private static boolean asksForWebSocket(RequestHead request, Fields fields) {
        int upgrade = fields.first(KnownField.UPGRADE);
        if (upgrade < 0
                || request.method() != Method.GET
                || request.protocol() != Protocol.HTTP_1_1
                || request.contentLength() != 0
                || fields.next(upgrade) >= 0
                || !fields.valueIsIgnoreCase(upgrade, WEBSOCKET)) {
            return false;
        }
        for (int i = fields.first(KnownField.CONNECTION); i >= 0; i = fields.next(i)) {
            if (fields.valueLists(i, KnownField.UPGRADE.bytes())) {
                return true;
            }
        }
        return false;
    }

    private Progress failed(MessageError because) {
        state = fail(because);
        return Progress.FAILED;
    }

    private int fail(MessageError because) {
        error = because;
        return FAILED;
    }

    private RequestHead present() {
        RequestHead request = head;
        if (request == null) {
            throw new IllegalStateException("not begun");
        }
        return request;
    }
}
