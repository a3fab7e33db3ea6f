package weir.http;

import java.nio.charset.StandardCharsets;
import java.util.Set;

/**
 * The fields that may not stand in trailers (RFC 9110 section 6.5.1): those of framing, routing, authentication,
 * request modifiers, response control and content format. They are dropped from trailers that are passed on.
 * Immutable.
 */
public final class TrailerFields {
    private static final byte[][] FORBIDDEN = Set.of(
                    "age",
                    "authorization",
                    "cache-control",
                    "connection",
                    "cookie",
                    "date",
                    "expect",
                    "expires",
                    "forwarded",
                    "host",
                    "http2-settings",
                    "keep-alive",
                    "location",
                    "max-forwards",
                    "pragma",
                    "proxy",
                    "proxy-authenticate",
                    "proxy-authorization",
                    "proxy-connection",
                    "range",
                    "retry-after",
                    "set-cookie",
                    "te",
                    "trailer",
                    "transfer-encoding",
                    "upgrade",
                    "vary",
                    "via",
                    "warning",
                    "www-authenticate",
                    "x-request-id")
            .stream()
            .map(name -> name.getBytes(StandardCharsets.US_ASCII))
            .toArray(byte[][]::new);
    private static final byte[][] PREFIXES = {
        "content-".getBytes(StandardCharsets.US_ASCII),
        "if-".getBytes(StandardCharsets.US_ASCII),
        "x-forwarded-".getBytes(StandardCharsets.US_ASCII)
    };

    private TrailerFields() {}

    /** Drops what may not be there. */
    public static void dropForbidden(Fields trailers) {
        for (int i = 0; i < trailers.count(); i++) {
            if (forbidden(trailers, i)) {
                trailers.drop(i);
            }
        }
    }

    private static boolean forbidden(Fields trailers, int i) {
        for (byte[] name : FORBIDDEN) {
            if (trailers.nameIs(i, name)) {
                return true;
            }
        }
        for (byte[] prefix : PREFIXES) {
            if (trailers.nameLength(i) > prefix.length
                    && FieldSyntax.equalsIgnoreCase(trailers.array(), trailers.nameStart(i), prefix)) {
                return true;
            }
        }
        return false;
    }
}
