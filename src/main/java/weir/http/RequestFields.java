package weir.http;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import weir.config.LimitsConfig.Underscores;

/**
 * Makes a request's head, or its trailers, of the fields of a decoded section, by the one validator of all versions and
 * the rules that HTTP/2 and HTTP/3 share (RFC 9113 sections 8.2 and 8.3; RFC 9114 sections 4.2 and 4.3): names are tokens
 * in lower case, values hold no control byte and no white space around them, fields of the connection are refused. Fields
 * are laid out as HTTP/1.1 writes them, so that heads are passed on in one piece; crumbs of cookies are joined. The first
 * fault decides; what comes behind it is not kept. Confined to one event loop.
 */
public final class RequestFields implements FieldSink {
    private static final byte[] SEPARATOR = {':', ' '};
    private static final byte[] LINE_END = {'\r', '\n'};
    private static final byte[] CRUMB_SEPARATOR = {';', ' '};
    private static final byte[] TRAILERS = "trailers".getBytes(StandardCharsets.US_ASCII);
    private static final int LINE_OVERHEAD = SEPARATOR.length + LINE_END.length;

    private final int maxBytes;
    private final int maxCount;
    private final Underscores underscores;
    private final PseudoFields pseudo;

    private @Nullable RequestHead head;
    private @Nullable Fields fields;
    private @Nullable MessageError error;
    private int bytes;
    private int count;
    private int[] crumbs = new int[8];
    private int crumbCount;
    private boolean never;
    private boolean neverCookie;

    /** A reader of requests of that version, {@link Protocol#HTTP_2} or {@link Protocol#HTTP_3}. */
    public RequestFields(MessageLimits limits, Protocol version) {
        this.maxBytes = limits.headers();
        this.maxCount = limits.headerCount();
        this.underscores = limits.underscores();
        this.pseudo = new PseudoFields(limits.requestLine(), version);
    }

    /** What follows fills that cleared head. */
    public void beginHead(RequestHead cleared) {
        begin(cleared.fields());
        head = cleared;
        pseudo.begin(cleared);
    }

    /** What follows fills those cleared fields. */
    public void beginTrailers(Fields cleared) {
        begin(cleared);
        head = null;
    }

    private void begin(Fields cleared) {
        fields = cleared;
        error = null;
        bytes = 0;
        count = 0;
        crumbCount = 0;
        never = false;
        neverCookie = false;
    }

    /** What follows is thrown away. */
    public void discard() {
        head = null;
        fields = null;
    }

    /** Returns why the trailers are refused, or null; they are let go. */
    public @Nullable MessageError endTrailers() {
        discard();
        return error;
    }

    /**
     * Completes the head; returns why it is refused, or null. It is let go.
     *
     * @param endStream no body follows, as far as the version can tell
     */
    public @Nullable MessageError endHead(boolean endStream) {
        RequestHead read = head;
        Fields of = fields;
        if (read != null && of != null && error == null) {
            joinCrumbs(of);
            error = pseudo.end(endStream);
            if (error == null) {
                error = RequestRules.check(read, endStream);
            }
        }
        discard();
        return error;
    }

    @Override
    public void neverIndexed() {
        never = true;
    }

    @Override
    public void field(byte[] name, int nameStart, int nameLength, byte[] value, int valueStart, int valueLength) {
        Fields to = fields;
        if (to == null || error != null) {
            return;
        }
        if (nameLength == 0) {
            error = MessageError.FIELD_NAME;
        } else if (name[nameStart] != ':') {
            regular(to, name, nameStart, nameLength, value, valueStart, valueLength);
        } else if (head == null || count > 0) {
            error = MessageError.PSEUDO_FIELD;
        } else {
            error = pseudo.field(name, nameStart, nameLength, value, valueStart, valueLength);
        }
        never = false;
    }

    private void regular(Fields to, byte[] name, int nameStart, int nameLength, byte[] value, int start, int length) {
        int end = start + length;
        bytes += nameLength + length + LINE_OVERHEAD;
        count++;
        int nameEnd = nameStart + nameLength;
        int at = FieldSyntax.plainLowerTokenEnd(name, nameStart, nameEnd);
        boolean underscored = false;
        while (at < nameEnd && name[at] == '_') {
            underscored = true;
            at = FieldSyntax.plainLowerTokenEnd(name, at + 1, nameEnd);
        }
        if (bytes > maxBytes) {
            error = MessageError.FIELDS_TOO_LARGE;
        } else if (at < nameEnd || (underscored && underscores == Underscores.REJECT)) {
            error = MessageError.FIELD_NAME;
        } else if (!isValue(value, start, end)) {
            error = MessageError.FIELD_VALUE;
        } else if (!underscored || underscores == Underscores.PASS) {
            add(to, name, nameStart, nameLength, value, start, length);
        } else if (count - Math.max(0, crumbCount - 1) > maxCount) {
            error = MessageError.TOO_MANY_FIELDS;
        }
    }

    private static boolean isValue(byte[] a, int start, int end) {
        return start == end
                || (FieldSyntax.valueEnd(a, start, end) == end && !isBlank(a[start]) && !isBlank(a[end - 1]));
    }

    private static boolean isBlank(byte b) {
        return b == ' ' || b == '\t';
    }

    private void add(Fields to, byte[] name, int nameStart, int nameLength, byte[] value, int start, int length) {
        KnownField known = KnownField.of(name, nameStart, nameLength);
        if (known != null && ofConnection(known, value, start, length)) {
            error = MessageError.CONNECTION_FIELD;
            return;
        }
        boolean cookie = known == KnownField.COOKIE;
        if (count - Math.max(0, crumbCount + (cookie ? 1 : 0) - 1) > maxCount) {
            error = MessageError.TOO_MANY_FIELDS;
            return;
        }
        int nameAt = to.append(name, nameStart, nameLength);
        to.append(SEPARATOR, 0, SEPARATOR.length);
        int valueAt = to.append(value, start, length);
        to.append(LINE_END, 0, LINE_END.length);
        if (cookie) {
            crumb(valueAt, length);
            neverCookie |= never;
            return;
        }
        int i = to.index(nameAt, nameLength, valueAt, length);
        if (never) {
            to.neverIndex(i);
        }
    }

    /** Fields that concern one connection of HTTP/1.1 (RFC 9113 section 8.2.2), with TE's one exception. */
    private static boolean ofConnection(KnownField known, byte[] value, int start, int length) {
        return known == KnownField.TE
                ? length != TRAILERS.length || !FieldSyntax.equalsIgnoreCase(value, start, TRAILERS)
                : known.ofConnection();
    }

    private void crumb(int valueAt, int length) {
        int slot = crumbCount * 2;
        if (slot == crumbs.length) {
            crumbs = Arrays.copyOf(crumbs, slot * 2);
        }
        crumbs[slot] = valueAt;
        crumbs[slot + 1] = length;
        crumbCount++;
    }

    /** Makes one field of all crumbs, behind the others; one that is never indexed if any of them is. */
    private void joinCrumbs(Fields to) {
        if (crumbCount == 0) {
            return;
        }
        join(to);
        if (neverCookie) {
            to.neverIndex(to.count() - 1);
        }
    }

    private void join(Fields to) {
        byte[] name = KnownField.COOKIE.bytes();
        if (crumbCount == 1) {
            to.index(crumbs[0] - SEPARATOR.length - name.length, name.length, crumbs[0], crumbs[1]);
            return;
        }
        int nameAt = to.append(name, 0, name.length);
        to.append(SEPARATOR, 0, SEPARATOR.length);
        int valueAt = to.length();
        for (int i = 0; i < crumbCount; i++) {
            if (i > 0) {
                to.append(CRUMB_SEPARATOR, 0, CRUMB_SEPARATOR.length);
            }
            to.append(to.array(), crumbs[i * 2], crumbs[i * 2 + 1]);
        }
        int length = to.length() - valueAt;
        to.append(LINE_END, 0, LINE_END.length);
        to.index(nameAt, name.length, valueAt, length);
    }
}
