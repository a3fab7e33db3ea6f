package weir.http1;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import weir.http.FieldSyntax;
import weir.http.Fields;
import weir.http.KnownField;

/**
 * The fields that concern one connection only (RFC 9110 section 7.6.1) and are never passed on as received. A field
 * that {@code Connection} names is left out whatever it is, as the RFC demands; those that Weir itself sets (Host,
 * framing, X-Forwarded-*, Via, request id, a route's fields) are added afterwards and cannot be removed that way.
 * Immutable.
 */
final class ConnectionFields {
    static final byte[] CLOSE = "close".getBytes(StandardCharsets.US_ASCII);

    private static final boolean[] OWN = new boolean[KnownField.values().length];

    static {
        for (KnownField field : new KnownField[] {
            KnownField.CONNECTION,
            KnownField.KEEP_ALIVE,
            KnownField.PROXY_CONNECTION,
            KnownField.TE,
            KnownField.TRANSFER_ENCODING,
            KnownField.CONTENT_LENGTH,
            KnownField.UPGRADE,
            KnownField.HTTP2_SETTINGS
        }) {
            OWN[field.ordinal()] = true;
        }
    }

    private ConnectionFields() {}

    /** Whether a field of that name is the connection's own business: framing, persistence, upgrade. */
    static boolean own(KnownField field) {
        return OWN[field.ordinal()];
    }

    /** Drops the received fields that {@code Connection} names. */
    static void dropNominated(Fields fields) {
        for (int c = fields.first(KnownField.CONNECTION); c >= 0; c = fields.next(c)) {
            byte[] a = fields.array();
            int at = fields.valueStart(c);
            int end = at + fields.valueLength(c);
            while (at < end) {
                if (!FieldSyntax.isTokenByte(a[at])) {
                    at++;
                    continue;
                }
                int tokenEnd = FieldSyntax.tokenEnd(a, at, end);
                if (!common(a, at, tokenEnd - at)) {
                    drop(fields, a, at, tokenEnd - at);
                }
                at = tokenEnd;
            }
        }
    }

    private static boolean common(byte[] a, int start, int length) {
        return (length == CLOSE.length && FieldSyntax.equalsIgnoreCase(a, start, CLOSE))
                || is(KnownField.KEEP_ALIVE, a, start, length)
                || is(KnownField.UPGRADE, a, start, length);
    }

    private static boolean is(KnownField field, byte[] a, int start, int length) {
        byte[] name = field.bytes();
        return length == name.length && FieldSyntax.equalsIgnoreCase(a, start, name);
    }

    private static void drop(Fields fields, byte[] a, int start, int length) {
        for (int i = 0; i < fields.received(); i++) {
            if (fields.nameLength(i) == length && sameName(a, fields.nameStart(i), start, length)) {
                fields.drop(i);
            }
        }
    }

    private static boolean sameName(byte[] a, int one, int other, int length) {
        for (int i = 0; i < length; i++) {
            if (FieldSyntax.toLower(a[one + i]) != FieldSyntax.toLower(a[other + i])) {
                return false;
            }
        }
        return true;
    }

    /** Whether the ranges of one array are the same in any case. */
    static boolean same(byte[] a, int start, int end, int otherStart, int otherEnd) {
        return end - start == otherEnd - otherStart
                && (Arrays.equals(a, start, end, a, otherStart, otherEnd)
                        || sameName(a, start, otherStart, end - start));
    }
}
