package weir.http3;

import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import weir.config.LimitsConfig.Underscores;
import weir.http.FieldSyntax;
import weir.http.Fields;
import weir.http.KnownField;
import weir.http.MessageError;

/**
 * Appends decoded fields to an arena, in the form in which HTTP/1.1 would have them there, and refuses those that no
 * message may have (RFC 9114 section 4.2): the connection's own, upper-case names, bytes that are invalid in HTTP/1.1,
 * too many or too large ones. Confined to one event loop.
 */
final class ReceivedFields {
    private static final byte[] COLON = {':', ' '};
    private static final byte[] LINE_END = {'\r', '\n'};
    private static final byte[] TRAILERS = {'t', 'r', 'a', 'i', 'l', 'e', 'r', 's'};
    private static final byte[] NONE = {};

    private final int maxBytes;
    private final int maxCount;
    private final Underscores underscores;
    private int bytes;
    private int count;

    // The text taken last.
    private byte[] array = NONE;
    private int start;
    private int length;

    ReceivedFields(Http3Limits limits) {
        this.maxBytes = limits.fields();
        this.maxCount = limits.fieldCount();
        this.underscores = limits.underscores();
    }

    /** Begins a section. */
    void begin() {
        bytes = 0;
        count = 0;
    }

    /** Bytes of names and values so far. */
    int bytes() {
        return bytes;
    }

    /** Appends the field's line and indexes it, unless it is to be dropped; returns why it is refused, or null. */
    @Nullable
    MessageError add(Fields to, CharSequence name, CharSequence value) {
        bytes += name.length() + value.length() + COLON.length + LINE_END.length;
        if (maxCount > 0 && ++count > maxCount) {
            return MessageError.TOO_MANY_FIELDS;
        }
        if (maxBytes > 0 && bytes > maxBytes) {
            return MessageError.FIELDS_TOO_LARGE;
        }
        int lineStart = to.length();
        int nameStart = append(to, name);
        int nameLength = to.length() - nameStart;
        boolean underscored = false;
        byte[] a = to.array();
        for (int i = nameStart; i < nameStart + nameLength; i++) {
            if (!FieldSyntax.isTokenByte(a[i]) || FieldSyntax.toLower(a[i]) != a[i]) {
                return MessageError.FIELD_NAME;
            }
            underscored |= a[i] == '_';
        }
        if (nameLength == 0 || (underscored && underscores == Underscores.REJECT)) {
            return MessageError.FIELD_NAME;
        }
        if (underscored && underscores == Underscores.DROP) {
            to.truncate(lineStart);
            return isValue(value) ? null : MessageError.FIELD_VALUE;
        }
        to.append(COLON, 0, COLON.length);
        int valueStart = append(to, value);
        int valueLength = to.length() - valueStart;
        if (!isValue(to.array(), valueStart, to.length())) {
            return MessageError.FIELD_VALUE;
        }
        to.append(LINE_END, 0, LINE_END.length);
        return check(to, to.index(nameStart, nameLength, valueStart, valueLength));
    }

    /** The fields of an HTTP/1.1 connection are malformed here. */
    private static @Nullable MessageError check(Fields fields, int i) {
        KnownField known = fields.known(i);
        if (known == null) {
            return null;
        }
        return switch (known) {
            case CONNECTION, KEEP_ALIVE, PROXY_CONNECTION, TRANSFER_ENCODING, UPGRADE, HTTP2_SETTINGS ->
                MessageError.FIELD_NAME;
            case TE -> fields.valueIsIgnoreCase(i, TRAILERS) ? null : MessageError.FIELD_VALUE;
            default -> null;
        };
    }

    private boolean isValue(CharSequence value) {
        take(value);
        return isValue(array, start, start + length);
    }

    /** White space around a value is none of it, and who sends it means to be read in two ways. */
    private static boolean isValue(byte[] a, int start, int end) {
        return FieldSyntax.isValue(a, start, end) && (start == end || !(isBlank(a[start]) || isBlank(a[end - 1])));
    }

    private static boolean isBlank(byte b) {
        return b == ' ' || b == '\t';
    }

    /** Appends text to the arena; returns where it starts. */
    int append(Fields to, CharSequence text) {
        take(text);
        return to.append(array, start, length);
    }

    private void take(CharSequence text) {
        if (text instanceof AsciiString ascii) {
            array = ascii.array();
            start = ascii.arrayOffset();
        } else {
            array = text.toString().getBytes(StandardCharsets.ISO_8859_1);
            start = 0;
        }
        length = text.length();
    }
}
