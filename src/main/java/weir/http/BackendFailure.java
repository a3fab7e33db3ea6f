package weir.http;

/** How an attempt fails once its stream is open. Immutable. */
public enum BackendFailure {
    /** The connection was closed or reset before the response was complete. */
    RESET,
    /** The stream was refused unprocessed: safe to send elsewhere (REFUSED_STREAM, GOAWAY). */
    REFUSED,
    /** The response broke the rules of HTTP. */
    INVALID_RESPONSE,
    /** The response's head was larger than {@code limits.response-headers}. */
    HEAD_TOO_LARGE,
    /** The backend cannot do what was asked for: a WebSocket over an HTTP/2 connection without extended CONNECT. */
    UNSUPPORTED
}
