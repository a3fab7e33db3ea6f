package weir.http;

import weir.config.LimitsConfig;
import weir.config.LimitsConfig.Underscores;

/**
 * What one request may be, and how slow, whatever the stream it comes on. Sizes in bytes; 0 means no limit, which still
 * is {@link #MOST_BYTES} and {@link #MOST_FIELDS}. Immutable.
 *
 * @param requestLine bytes of the method and the path, as a request line of HTTP/1.1 would have them
 * @param headers bytes of all field lines, as HTTP/1.1 would write them, and of the trailers
 * @param headerCount how many fields, those dropped included; the crumbs of cookies are one
 */
public record MessageLimits(
        int requestLine,
        int headers,
        int headerCount,
        long headerTimeoutNanos,
        long bodyTimeoutNanos,
        long idleTimeoutNanos,
        Underscores underscores) {
    /** The size that no limit means. */
    public static final int MOST_BYTES = 16 * 1024 * 1024;

    /** The count that no limit means. */
    public static final int MOST_FIELDS = 10_000;

    /** Replaces 0 by the most there can be. */
    public MessageLimits {
        requestLine = requestLine <= 0 ? MOST_BYTES : Math.min(requestLine, MOST_BYTES);
        headers = headers <= 0 ? MOST_BYTES : Math.min(headers, MOST_BYTES);
        headerCount = headerCount <= 0 ? MOST_FIELDS : Math.min(headerCount, MOST_FIELDS);
    }

    /** The limits of a configuration. */
    public static MessageLimits of(LimitsConfig limits) {
        return new MessageLimits(
                limits.requestLine(),
                limits.headers(),
                limits.headerCount(),
                limits.headerTimeout().toNanos(),
                limits.bodyTimeout().toNanos(),
                limits.idleTimeout().toNanos(),
                limits.underscores());
    }
}
