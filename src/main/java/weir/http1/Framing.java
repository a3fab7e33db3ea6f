package weir.http1;

import org.jspecify.annotations.Nullable;
import weir.http.FieldSyntax;
import weir.http.Fields;
import weir.http.KnownField;
import weir.http.MessageError;
import weir.http.Protocol;

/**
 * The length of a message's body by its fields (RFC 9112 section 6), of requests and responses alike, without any
 * leniency: one Content-Length of digits or one Transfer-Encoding that is {@code chunked}, never both. Several
 * Content-Length fields are refused although they be equal. Confined to one event loop.
 */
final class Framing {
    private static final byte[] CHUNKED = {'c', 'h', 'u', 'n', 'k', 'e', 'd'};
    private static final int MAX_CONNECTION_BYTES = 1024;

    private boolean chunked;
    private long length;

    /** Reads the fields; returns why they are refused, or null. */
    @Nullable
    MessageError read(Fields fields, Protocol protocol) {
        chunked = false;
        length = -1;
        int te = fields.first(KnownField.TRANSFER_ENCODING);
        int cl = fields.first(KnownField.CONTENT_LENGTH);
        if (te >= 0) {
            MessageError error = cl >= 0 ? MessageError.AMBIGUOUS_LENGTH : transferEncoding(fields, te, protocol);
            if (error != null) {
                return error;
            }
            chunked = true;
        } else if (cl >= 0) {
            int start = fields.valueStart(cl);
            length = FieldSyntax.parseContentLength(fields.array(), start, start + fields.valueLength(cl));
            if (length < 0 || fields.next(cl) >= 0) {
                return MessageError.CONTENT_LENGTH;
            }
        }
        return connectionTooLong(fields) ? MessageError.FIELDS_TOO_LARGE : null;
    }

    /** Whether the body is chunked. */
    boolean chunked() {
        return chunked;
    }

    /** The Content-Length; -1 for none. */
    long length() {
        return length;
    }

    /** Whether the connection may be used again after the message (RFC 9112 section 9.3). */
    static boolean keepsAlive(Fields fields, Protocol protocol) {
        boolean keeps = protocol == Protocol.HTTP_1_1;
        for (int i = fields.first(KnownField.CONNECTION); i >= 0; i = fields.next(i)) {
            if (fields.valueLists(i, ConnectionFields.CLOSE)) {
                return false;
            }
            keeps |= fields.valueLists(i, KnownField.KEEP_ALIVE.bytes());
        }
        return keeps;
    }

    private static @Nullable MessageError transferEncoding(Fields fields, int te, Protocol protocol) {
        if (protocol == Protocol.HTTP_1_0 || fields.next(te) >= 0) {
            return MessageError.TRANSFER_ENCODING;
        }
        if (fields.valueIsIgnoreCase(te, CHUNKED)) {
            return null;
        }
        int start = fields.valueStart(te);
        boolean token = FieldSyntax.isToken(fields.array(), start, start + fields.valueLength(te));
        return token ? MessageError.UNKNOWN_TRANSFER_ENCODING : MessageError.TRANSFER_ENCODING;
    }

    /** Bounds the work of looking up the fields that Connection names. */
    private static boolean connectionTooLong(Fields fields) {
        int bytes = 0;
        for (int i = fields.first(KnownField.CONNECTION); i >= 0; i = fields.next(i)) {
            bytes += fields.valueLength(i) + 1;
        }
        return bytes > MAX_CONNECTION_BYTES;
    }
}
