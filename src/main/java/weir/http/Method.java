package weir.http;

import java.nio.charset.StandardCharsets;

/** The request methods a proxy must tell apart (RFC 9110 section 9). Immutable. */
public enum Method {
    GET(true),
    HEAD(true),
    POST(false),
    PUT(true),
    DELETE(true),
    CONNECT(false),
    OPTIONS(true),
    TRACE(true),
    PATCH(false),
    OTHER(false);

    private static final Method[] NAMED = {GET, HEAD, POST, PUT, DELETE, CONNECT, OPTIONS, TRACE, PATCH};

    private final boolean idempotent;
    private final byte[] bytes;

    Method(boolean idempotent) {
        this.idempotent = idempotent;
        this.bytes = name().getBytes(StandardCharsets.US_ASCII);
    }

    /** Whether repeating the request does no more than sending it once (RFC 9110 section 9.2.2). */
    public boolean idempotent() {
        return idempotent;
    }

    /** The method of that exact name; {@link #OTHER} for one not listed. */
    public static Method of(byte[] a, int start, int length) {
        for (Method m : NAMED) {
            byte[] b = m.bytes;
            if (b.length == length
                    && b[0] == a[start]
                    && java.util.Arrays.equals(b, 0, length, a, start, start + length)) {
                return m;
            }
        }
        return OTHER;
    }
}
