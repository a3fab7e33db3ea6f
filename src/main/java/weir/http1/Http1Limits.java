package weir.http1;

import weir.config.LimitsConfig;
import weir.config.LimitsConfig.HalfClosed;
import weir.config.LimitsConfig.Underscores;

/**
 * What one HTTP/1.1 client may send, and how slowly. Sizes in bytes; 0 means no limit, which still is {@link #MOST_BYTES}
 * and {@link #MOST_FIELDS}. Immutable.
 *
 * @param requestLine bytes of the request line without its end
 * @param headers bytes of all field lines, and of the trailers
 * @param headerCount how many fields, those dropped included
 */
public record Http1Limits(
        int requestLine,
        int headers,
        int headerCount,
        long headerTimeoutNanos,
        long bodyTimeoutNanos,
        long idleTimeoutNanos,
        Underscores underscores,
        HalfClosed halfClosed) {
    /** The size that no limit means. */
    public static final int MOST_BYTES = 16 * 1024 * 1024;

    /** The count that no limit means. */
    public static final int MOST_FIELDS = 10_000;

    /** Replaces 0 by the most there can be. */
    public Http1Limits {
        requestLine = requestLine <= 0 ? MOST_BYTES : Math.min(requestLine, MOST_BYTES);
        headers = headers <= 0 ? MOST_BYTES : Math.min(headers, MOST_BYTES);
        headerCount = headerCount <= 0 ? MOST_FIELDS : Math.min(headerCount, MOST_FIELDS);
    }

    /** The limits of a configuration. */
    public static Http1Limits of(LimitsConfig limits) {
        return new Http1Limits(
                limits.requestLine(),
                limits.headers(),
                limits.headerCount(),
                limits.headerTimeout().toNanos(),
                limits.bodyTimeout().toNanos(),
                limits.idleTimeout().toNanos(),
                limits.underscores(),
                limits.halfClosed());
    }
}
