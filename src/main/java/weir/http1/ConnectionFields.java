package weir.http1;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import weir.http.FieldSyntax;
import weir.http.KnownField;

/**
 * The fields of a connection that a codec sets itself: framing, persistence, upgrade (RFC 9112). They are never written
 * as they were received. What {@code Connection} names beyond them is for whoever forwards a message to leave out (RFC
 * 9110 section 7.6.1): the proxy, for all versions. Immutable.
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
