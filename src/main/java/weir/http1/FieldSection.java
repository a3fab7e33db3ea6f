package weir.http1;

import org.jspecify.annotations.Nullable;
import weir.config.LimitsConfig.Underscores;
import weir.http.FieldSyntax;
import weir.http.Fields;
import weir.http.MessageError;

/**
 * Reads field lines up to the empty line (RFC 9112 section 5): of heads and of trailers. It scans bytes that were copied
 * to the arena and indexes the fields there. What it decides does not depend on how the bytes were split. Refused are
 * names that are no tokens, white space before the colon, folded lines, control bytes, and every line end but CRLF.
 * Confined to one event loop.
 */
final class FieldSection {
    private static final int LINE = 0;
    private static final int NAME = 1;
    private static final int BLANK = 2;
    private static final int VALUE = 3;
    private static final int LINE_FEED = 4;
    private static final int LAST_LINE_FEED = 5;
    private static final int DONE = 6;
    private static final int FAILED = 7;

    private final int maxBytes;
    private final int maxCount;
    private final Underscores underscores;
    private @Nullable Fields section;
    private @Nullable MessageError error;
    private int state;
    private int position;
    private int budgetEnd;
    private int count;
    private int nameStart;
    private int nameEnd;
    private int valueStart;
    private boolean underscored;

    /** Sections of at most so many bytes, the empty line aside, and so many fields. */
    FieldSection(int maxBytes, int maxCount, Underscores underscores) {
        this.maxBytes = maxBytes;
        this.maxCount = maxCount;
        this.underscores = underscores;
    }

    /** Begins a section at that place of the fields' arena. */
    void begin(Fields of, int start) {
        section = of;
        error = null;
        state = LINE;
        position = start;
        budgetEnd = start + maxBytes + 2;
        count = 0;
    }

    /** Lets go of the fields, which may be large and of somebody else by now. */
    void forget() {
        section = null;
    }

    /** Reads on in what the arena holds by now. */
    Progress scan() {
        Fields fields = fields();
        byte[] a = fields.array();
        int end = Math.min(fields.length(), budgetEnd);
        if (state == LINE) {
            lines(fields, a, end);
        }
        while (position < end) {
            state = switch (state) {
                case LINE -> line(a[position]);
                case NAME -> name(a, end);
                case BLANK -> blank(a, end);
                case VALUE -> value(a, end);
                case LINE_FEED -> lineFeed(a[position], LINE);
                default -> lineFeed(a[position], DONE);
            };
            if (state >= DONE) {
                return state == DONE ? Progress.DONE : Progress.FAILED;
            }
        }
        if (position >= budgetEnd) {
            fail(MessageError.FIELDS_TOO_LARGE);
            return Progress.FAILED;
        }
        return Progress.MORE;
    }

    /** The index behind the last byte that was read. */
    int position() {
        return position;
    }

    /** Why it failed. */
    MessageError error() {
        return error == null ? MessageError.FIELD_VALUE : error;
    }

    private Fields fields() {
        Fields fields = section;
        if (fields == null) {
            throw new IllegalStateException("not begun");
        }
        return fields;
    }

    /** Takes the lines that are there as a whole and as most are written; the states take what is different. */
    private void lines(Fields fields, byte[] a, int end) {
        int at = position;
        while (count < maxCount) {
            int colon = FieldSyntax.plainTokenEnd(a, at, end);
            if (colon == at || colon + 1 >= end || a[colon] != ':') {
                break;
            }
            int from = a[colon + 1] == ' ' ? colon + 2 : colon + 1;
            int to = FieldSyntax.valueEnd(a, from, end);
            if (to + 1 >= end || a[to] != '\r' || a[to + 1] != '\n' || (to > from && isBlank(a[from]))) {
                break;
            }
            int last = to;
            while (last > from && isBlank(a[last - 1])) {
                last--;
            }
            fields.index(at, colon - at, from, last - from);
            count++;
            at = to + 2;
        }
        position = at;
    }

    private static boolean isBlank(byte b) {
        return b == ' ' || b == '\t';
    }

    private int line(byte b) {
        if (b == '\r') {
            position++;
            return LAST_LINE_FEED;
        }
        if (b == ' ' || b == '\t') {
            return fail(MessageError.FOLDED_FIELD);
        }
        if (b == '\n') {
            return fail(MessageError.LINE_END);
        }
        if (count == maxCount) {
            return fail(MessageError.TOO_MANY_FIELDS);
        }
        count++;
        nameStart = position;
        underscored = false;
        return NAME;
    }

    private int name(byte[] a, int end) {
        int at = FieldSyntax.plainTokenEnd(a, position, end);
        while (at < end && a[at] == '_') {
            underscored = true;
            at = FieldSyntax.plainTokenEnd(a, at + 1, end);
        }
        position = at;
        if (at == end) {
            return NAME;
        }
        if (a[at] != ':' || at == nameStart || (underscored && underscores == Underscores.REJECT)) {
            return fail(MessageError.FIELD_NAME);
        }
        nameEnd = at;
        position = at + 1;
        return BLANK;
    }

    private int blank(byte[] a, int end) {
        int at = position;
        while (at < end && isBlank(a[at])) {
            at++;
        }
        position = at;
        valueStart = at;
        return at == end ? BLANK : VALUE;
    }

    private int value(byte[] a, int end) {
        int at = FieldSyntax.valueEnd(a, position, end);
        position = at;
        if (at == end) {
            return VALUE;
        }
        if (a[at] != '\r') {
            return fail(a[at] == '\n' ? MessageError.LINE_END : MessageError.FIELD_VALUE);
        }
        position = at + 1;
        int last = at;
        while (last > valueStart && isBlank(a[last - 1])) {
            last--;
        }
        if (!underscored || underscores == Underscores.PASS) {
            fields().index(nameStart, nameEnd - nameStart, valueStart, last - valueStart);
        }
        return LINE_FEED;
    }

    private int lineFeed(byte b, int next) {
        if (b != '\n') {
            return fail(MessageError.LINE_END);
        }
        position++;
        return next;
    }

    private int fail(MessageError because) {
        error = because;
        return FAILED;
    }
}
