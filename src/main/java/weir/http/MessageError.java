package weir.http;

/**
 * Why a message is refused: the status a client gets and the short code of the log. For a backend's response the
 * status is 502 whatever stands here. Immutable.
 */
public enum MessageError {
    REQUEST_LINE(400, "bad-request-line"),
    METHOD(400, "bad-method"),
    TARGET(400, "bad-target"),
    /** Missing, repeated, unknown or misplaced (HTTP/2 and 3). */
    PSEUDO_FIELD(400, "bad-pseudo-header"),
    /** A field of HTTP/1.1's connections, which HTTP/2 and 3 do not have. */
    CONNECTION_FIELD(400, "connection-header"),
    VERSION(505, "bad-version"),
    STATUS_LINE(502, "bad-status-line"),
    FIELD_NAME(400, "bad-field-name"),
    FIELD_VALUE(400, "bad-field-value"),
    LINE_END(400, "bad-line-end"),
    FOLDED_FIELD(400, "folded-field"),
    HOST(400, "bad-host"),
    CONTENT_LENGTH(400, "bad-content-length"),
    TRANSFER_ENCODING(400, "bad-transfer-encoding"),
    UNKNOWN_TRANSFER_ENCODING(501, "unknown-transfer-encoding"),
    AMBIGUOUS_LENGTH(400, "ambiguous-length"),
    /** A WebSocket is asked for without a key of 16 bytes (RFC 6455 section 4.2.1). */
    WEBSOCKET_KEY(400, "bad-websocket-key"),
    EXPECTATION(417, "bad-expectation"),
    CHUNK(400, "bad-chunk"),
    TRAILER(400, "bad-trailer"),
    TARGET_TOO_LONG(414, "target-too-long"),
    FIELDS_TOO_LARGE(431, "headers-too-large"),
    TOO_MANY_FIELDS(431, "too-many-headers"),
    HEADER_TIMEOUT(408, "header-timeout"),
    BODY_TIMEOUT(408, "body-timeout"),
    TRUNCATED(400, "truncated"),
    /** Not the message's fault but a bug of ours. */
    INTERNAL(500, "internal");

    private final int status;
    private final String code;

    MessageError(int status, String code) {
        this.status = status;
        this.code = code;
    }

    /** The status of the answer. */
    public int status() {
        return status;
    }

    /** What the access log calls it. */
    public String code() {
        return code;
    }
}
