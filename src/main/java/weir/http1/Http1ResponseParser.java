package weir.http1;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;
import weir.config.LimitsConfig.Underscores;
import weir.http.FieldSyntax;
import weir.http.Fields;
import weir.http.MessageError;
import weir.http.MessageLimits;
import weir.http.Protocol;
import weir.http.ResponseHead;

/**
 * Reads response heads (RFC 9112), as strictly as {@link Http1RequestParser} does requests; names with an underscore
 * pass. The space behind the status code may be missing when there is no reason phrase. Confined to one event loop.
 */
public final class Http1ResponseParser {
    private static final int STEP = 1024;
    private static final byte[] VERSION = {'H', 'T', 'T', 'P', '/', '1', '.', 0, ' '};
    private static final int STATUS_DIGITS = 3;

    private static final int PROTOCOL = 0;
    private static final int STATUS = 1;
    private static final int AFTER_STATUS = 2;
    private static final int REASON = 3;
    private static final int LINE_FEED = 4;
    private static final int FIELDS = 5;
    private static final int FAILED = 6;

    private final int maxBytes;
    private final FieldSection section;
    private final Framing framing = new Framing();
    private @Nullable ResponseHead head;
    private @Nullable MessageError error;
    private Protocol protocol = Protocol.HTTP_1_1;
    private boolean toHead;
    private boolean untilClose;
    private int state;
    private int position;
    private int partStart;

    /** A parser of heads of at most so many bytes. */
    public Http1ResponseParser(int maxBytes) {
        this.maxBytes = maxBytes <= 0 ? MessageLimits.MOST_BYTES : Math.min(maxBytes, MessageLimits.MOST_BYTES);
        this.section = new FieldSection(this.maxBytes, MessageLimits.MOST_FIELDS, Underscores.PASS);
    }

    /** Begins with a cleared head; {@code toHead}: the request's method was HEAD. */
    public void begin(ResponseHead cleared, boolean toHead) {
        this.head = cleared;
        this.toHead = toHead;
        error = null;
        state = PROTOCOL;
        position = 0;
        partStart = 0;
    }

    /** Lets go of the head, which belongs to somebody else from now on. */
    void forget() {
        head = null;
        section.forget();
    }

    /** Reads on: {@code DONE} leaves the buffer at the body, {@code FAILED} anywhere. */
    Progress parse(ByteBuf in) {
        ResponseHead response = present();
        Fields fields = response.fields();
        while (in.isReadable()) {
            fields.append(in, Math.min(in.readableBytes(), STEP));
            Progress progress = scan(response, fields);
            int end = state == FIELDS ? section.position() : position;
            if (end > maxBytes) {
                error = MessageError.FIELDS_TOO_LARGE;
                progress = Progress.FAILED;
            }
            if (progress != Progress.MORE) {
                in.readerIndex(in.readerIndex() - (fields.length() - end));
                fields.truncate(end);
                response.receivedBytes(end);
                return progress == Progress.DONE ? check(response) : progress;
            }
        }
        return Progress.MORE;
    }

    /** Whether the body is chunked; once done. */
    public boolean chunked() {
        return framing.chunked();
    }

    /** Whether the body ends with the connection; once done. */
    public boolean untilClose() {
        return untilClose;
    }

    /** Whether the backend lets the connection be used again; once done. */
    public boolean keepsAlive() {
        return !untilClose && Framing.keepsAlive(present().fields(), protocol);
    }

    /** Why the head is refused. */
    public MessageError error() {
        return error == null ? MessageError.STATUS_LINE : error;
    }

    private Progress scan(ResponseHead response, Fields fields) {
        if (state < FIELDS) {
            byte[] a = fields.array();
            int end = Math.min(fields.length(), maxBytes + 1);
            while (state < FIELDS) {
                if (position == end) {
                    return Progress.MORE;
                }
                state = line(response, a, end);
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

    private int line(ResponseHead response, byte[] a, int end) {
        return switch (state) {
            case PROTOCOL -> protocol(a, end);
            case STATUS -> status(response, a, end);
            case AFTER_STATUS -> afterStatus(a[position]);
            case REASON -> reason(response, a, end);
            default -> lineFeed(a[position]);
        };
    }

    private int protocol(byte[] a, int end) {
        for (int i = position; i < VERSION.length; i = ++position) {
            if (i == end) {
                return PROTOCOL;
            }
            byte b = a[i];
            if (VERSION[i] == 0 ? b != '0' && b != '1' : b != VERSION[i]) {
                return fail(MessageError.STATUS_LINE);
            }
        }
        protocol = a[7] == '1' ? Protocol.HTTP_1_1 : Protocol.HTTP_1_0;
        return STATUS;
    }

    private int status(ResponseHead response, byte[] a, int end) {
        while (position < VERSION.length + STATUS_DIGITS) {
            if (position == end) {
                return STATUS;
            }
            byte b = a[position];
            byte most = position == VERSION.length ? (byte) '5' : (byte) '9';
            byte least = position == VERSION.length ? (byte) '1' : (byte) '0';
            if (b < least || b > most) {
                return fail(MessageError.STATUS_LINE);
            }
            position++;
        }
        int at = VERSION.length;
        response.status((a[at] - '0') * 100 + (a[at + 1] - '0') * 10 + a[at + 2] - '0');
        return AFTER_STATUS;
    }

    private int afterStatus(byte b) {
        if (b != ' ' && b != '\r') {
            return fail(b == '\n' ? MessageError.LINE_END : MessageError.STATUS_LINE);
        }
        position++;
        partStart = position;
        return b == ' ' ? REASON : LINE_FEED;
    }

    private int reason(ResponseHead response, byte[] a, int end) {
        position = FieldSyntax.valueEnd(a, position, end);
        if (position == end) {
            return REASON;
        }
        if (a[position] != '\r') {
            return fail(a[position] == '\n' ? MessageError.LINE_END : MessageError.STATUS_LINE);
        }
        response.reason().set(partStart, position - partStart);
        position++;
        return LINE_FEED;
    }

    private int lineFeed(byte b) {
        if (b != '\n') {
            return fail(MessageError.LINE_END);
        }
        position++;
        return FIELDS;
    }

    private Progress check(ResponseHead response) {
        MessageError because = framing.read(response.fields(), protocol);
        int status = response.status();
        if (because == null && framing.chunked() && (status < 200 || status == 204)) {
            because = MessageError.TRANSFER_ENCODING;
        }
        if (because != null) {
            error = because;
            return Progress.FAILED;
        }
        boolean bodiless = toHead || status < 200 || status == 204 || status == 304;
        untilClose = !bodiless && !framing.chunked() && framing.length() < 0;
        response.contentLength(bodiless ? 0 : framing.length() < 0 ? ResponseHead.UNKNOWN_LENGTH : framing.length());
        return Progress.DONE;
    }

    private int fail(MessageError because) {
        error = because;
        return FAILED;
    }

    private ResponseHead present() {
        ResponseHead response = head;
        if (response == null) {
            throw new IllegalStateException("not begun");
        }
        return response;
    }
}
