package weir.proxy;

import weir.http.FieldSyntax;
import weir.http.Fields;
import weir.http.KnownField;

/**
 * The fields that concern one connection only (RFC 9110 section 7.6.1). The streams set their own; what was received
 * can still be read there. Stateless.
 */
final class HopByHopFields {
    /** What {@code Connection} cannot name away: without these the request would be another one. */
    private static final KnownField[] ESSENTIAL = {KnownField.HOST, KnownField.CONTENT_LENGTH};

    private HopByHopFields() {}

    /** Drops the received fields that are not passed on, those that {@code Connection} names among them. */
    static void drop(Fields fields) {
        for (int c = fields.first(KnownField.CONNECTION); c >= 0; c = fields.next(c)) {
            dropNominated(fields, fields.valueStart(c), fields.valueStart(c) + fields.valueLength(c));
        }
        fields.drop(KnownField.CONNECTION);
        fields.drop(KnownField.KEEP_ALIVE);
        fields.drop(KnownField.PROXY_CONNECTION);
        fields.drop(KnownField.TE);
        fields.drop(KnownField.TRANSFER_ENCODING);
        fields.drop(KnownField.UPGRADE);
        fields.drop(KnownField.HTTP2_SETTINGS);
    }

    private static void dropNominated(Fields fields, int start, int end) {
        byte[] a = fields.array();
        int at = start;
        while (at < end) {
            int from = at;
            while (at < end && FieldSyntax.isTokenByte(a[at])) {
                at++;
            }
            if (at > from && !isEssential(a, from, at - from)) {
                dropNamed(fields, from, at - from);
            }
            at++;
        }
    }

    private static boolean isEssential(byte[] a, int start, int length) {
        for (KnownField field : ESSENTIAL) {
            byte[] name = field.bytes();
            if (name.length == length && FieldSyntax.equalsIgnoreCase(a, start, name)) {
                return true;
            }
        }
        return false;
    }

    private static void dropNamed(Fields fields, int start, int length) {
        byte[] a = fields.array();
        for (int i = 0, n = fields.received(); i < n; i++) {
            if (fields.nameLength(i) == length) {
                int name = fields.nameStart(i);
                int k = 0;
                while (k < length && FieldSyntax.toLower(a[name + k]) == FieldSyntax.toLower(a[start + k])) {
                    k++;
                }
                if (k == length) {
                    fields.drop(i);
                }
            }
        }
    }
}
