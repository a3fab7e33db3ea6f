package weir.http2;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import weir.http.FieldSink;
import weir.http.FieldSyntax;
import weir.http.Fields;
import weir.http.KnownField;
import weir.http.ResponseHead;

/**
 * Makes a response's head, or its trailers, of the fields of a header block, by the one validator of all versions and
 * the rules of HTTP/2 (RFC 9113 sections 8.2 and 8.3.2): names are tokens in lower case, values hold no control byte and
 * no white space around them, fields of the connection are refused, {@code :status} comes first and is the only
 * pseudo-header field. Confined to one event loop.
 */
final class ResponseBlock implements FieldSink {
    private static final byte[] STATUS = {':', 's', 't', 'a', 't', 'u', 's'};
    private static final byte[] SEPARATOR = {':', ' '};
    private static final byte[] LINE_END = {'\r', '\n'};

    private final int limit;
    private @Nullable ResponseHead head;
    private @Nullable Fields fields;
    private boolean awaitsStatus;
    private boolean valid;
    private boolean tooLarge;
    private boolean never;

    /** A reader of heads and trailers of at most so many bytes, as HTTP/1.1 would write them. */
    ResponseBlock(int limit) {
        this.limit = limit;
    }

    /** What follows fills that cleared head. */
    void beginHead(ResponseHead cleared) {
        begin(cleared.fields());
        head = cleared;
        awaitsStatus = true;
    }

    /** What follows fills those cleared fields. */
    void beginTrailers(Fields cleared) {
        begin(cleared);
        head = null;
        awaitsStatus = false;
    }

    private void begin(Fields cleared) {
        fields = cleared;
        valid = true;
        tooLarge = false;
        never = false;
    }

    /** What follows is thrown away. */
    void discard() {
        head = null;
        fields = null;
    }

    /** Whether there was too much of it. */
    boolean tooLarge() {
        return tooLarge;
    }

    /** Whether all was as it should be; the fields are let go. */
    boolean end() {
        ResponseHead read = head;
        boolean good = valid && !awaitsStatus && !tooLarge;
        if (read != null && good) {
            read.receivedBytes(read.fields().length());
            good = length(read);
        }
        discard();
        return good;
    }

    @Override
    public void field(byte[] name, int nameStart, int nameLength, byte[] value, int valueStart, int valueLength) {
        Fields to = fields;
        if (to == null || !valid || tooLarge) {
            return;
        }
        if (awaitsStatus) {
            awaitsStatus = false;
            valid = Arrays.equals(name, nameStart, nameStart + nameLength, STATUS, 0, STATUS.length)
                    && status(value, valueStart, valueLength);
        } else if ((long) to.length() + nameLength + valueLength + 4 > limit) {
            tooLarge = true;
        } else {
            valid = add(to, name, nameStart, nameLength, value, valueStart, valueLength);
            if (never && valid) {
                to.neverIndex(to.count() - 1);
            }
        }
        never = false;
    }

    @Override
    public void neverIndexed() {
        never = true;
    }

    private boolean status(byte[] value, int start, int length) {
        ResponseHead to = head;
        if (to == null || length != 3) {
            return false;
        }
        int status = 0;
        for (int i = start; i < start + length; i++) {
            int digit = value[i] - '0';
            if (digit < 0 || digit > 9) {
                return false;
            }
            status = status * 10 + digit;
        }
        to.status(status);
        return status >= 100 && status < 600 && status != 101; // there is no 101 in HTTP/2 (section 8.6)
    }

    /** Appends a field as HTTP/1.1 writes it, so that heads are passed on to such clients in one piece. */
    private static boolean add(
            Fields to, byte[] name, int nameStart, int nameLength, byte[] value, int valueStart, int valueLength) {
        if (!isName(name, nameStart, nameStart + nameLength) || !isValue(value, valueStart, valueStart + valueLength)) {
            return false;
        }
        int nameAt = to.append(name, nameStart, nameLength);
        to.append(SEPARATOR, 0, SEPARATOR.length);
        int valueAt = to.append(value, valueStart, valueLength);
        to.append(LINE_END, 0, LINE_END.length);
        KnownField known = to.known(to.index(nameAt, nameLength, valueAt, valueLength));
        return known == null || !known.ofConnection();
    }

    private static boolean isName(byte[] a, int start, int end) {
        if (!FieldSyntax.isToken(a, start, end)) {
            return false;
        }
        for (int i = start; i < end; i++) {
            if (a[i] >= 'A' && a[i] <= 'Z') {
                return false;
            }
        }
        return true;
    }

    private static boolean isValue(byte[] a, int start, int end) {
        return start == end || (FieldSyntax.isValue(a, start, end) && !isBlank(a[start]) && !isBlank(a[end - 1]));
    }

    private static boolean isBlank(byte b) {
        return b == ' ' || b == '\t';
    }

    private static boolean length(ResponseHead to) {
        Fields fields = to.fields();
        int i = fields.first(KnownField.CONTENT_LENGTH);
        if (i < 0) {
            to.contentLength(ResponseHead.UNKNOWN_LENGTH);
            return true;
        }
        int start = fields.valueStart(i);
        long length = FieldSyntax.parseContentLength(fields.array(), start, start + fields.valueLength(i));
        to.contentLength(length);
        return length >= 0 && fields.next(i) < 0;
    }
}
