package weir.proxy;

import weir.http.FieldSyntax;
import weir.http.Fields;
import weir.http.KnownField;

/**
 * The fields that concern one connection only (RFC 9110 section 7.6.1), of requests and of responses, whatever versions
 * are spoken. The streams set their own; what was received can still be read there. Stateless.
 */
final class HopByHopFields {
    private static final byte[] CLOSE = {'c', 'l', 'o', 's', 'e'};

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
            if (at > from) {
                dropNamed(fields, from, at - from);
            }
            at++;
        }
    }

    private static void dropNamed(Fields fields, int start, int length) {
        byte[] a = fields.array();
        if (length == CLOSE.length && FieldSyntax.equalsIgnoreCase(a, start, CLOSE)) {
            return;
        }
        KnownField known = KnownField.of(a, start, length);
        if (known == null) {
            dropUnknown(fields, start, length);
        } else if (known != KnownField.HOST && known != KnownField.CONTENT_LENGTH) {
            fields.drop(known); // but for those two, without which the message would be another one
        }
    }

    private static void dropUnknown(Fields fields, int start, int length) {
        byte[] a = fields.array();
        for (int i = 0, n = fields.received(); i < n; i++) {
            if (fields.nameLength(i) == length && fields.known(i) == null) {
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
