package weir.proxy;

import weir.http.FieldSyntax;
import weir.http.Fields;
import weir.http.KnownField;

/**
 * Finds the signs of a login that holds for a connection, not for a request: the schemes NTLM and Negotiate (RFC 4559
 * section 6). Costs one look-up where there is no such field. Stateless.
 */
final class ConnectionLogin {
    private static final byte[][] SCHEMES = {
        {'n', 't', 'l', 'm'},
        {'n', 'e', 'g', 'o', 't', 'i', 'a', 't', 'e'}
    };

    private ConnectionLogin() {}

    /** Whether the request logs in. */
    static boolean inRequest(Fields request) {
        return names(request, KnownField.AUTHORIZATION);
    }

    /** Whether the response asks for a login, or goes on with one. */
    static boolean inResponse(Fields response) {
        return names(response, KnownField.WWW_AUTHENTICATE);
    }

    private static boolean names(Fields fields, KnownField field) {
        for (int i = fields.first(field); i >= 0; i = fields.next(i)) {
            if (names(fields.array(), fields.valueStart(i), fields.valueStart(i) + fields.valueLength(i))) {
                return true;
            }
        }
        return false;
    }

    /** Whether one of the challenges of a list begins with a scheme; rather too often than once too few. */
    private static boolean names(byte[] a, int start, int end) {
        int at = start;
        while (at < end) {
            while (at < end && !FieldSyntax.isTokenByte(a[at])) {
                at++;
            }
            int token = FieldSyntax.tokenEnd(a, at, end);
            for (byte[] scheme : SCHEMES) {
                if (token - at == scheme.length && FieldSyntax.equalsIgnoreCase(a, at, scheme)) {
                    return true;
                }
            }
            at = token;
            while (at < end && a[at] != ',') {
                at++;
            }
        }
        return false;
    }
}
