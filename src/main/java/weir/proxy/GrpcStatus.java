package weir.proxy;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import weir.config.ServiceConfig;
import weir.http.Fields;

/**
 * The statuses of gRPC in the order of their codes, each with the HTTP status it counts as: that is what retry and
 * ejection know. Source: gRPC's {@code statuscodes.md}, {@code google/rpc/code.proto} for the HTTP statuses. Immutable.
 */
enum GrpcStatus {
    OK(200, ""),
    CANCELLED(499, "cancelled"),
    UNKNOWN(500, "the request was refused"),
    INVALID_ARGUMENT(400, ""),
    DEADLINE_EXCEEDED(504, "the deadline has passed"),
    NOT_FOUND(404, ""),
    ALREADY_EXISTS(409, ""),
    PERMISSION_DENIED(403, "permission denied"),
    RESOURCE_EXHAUSTED(429, "a limit was reached"),
    FAILED_PRECONDITION(400, ""),
    ABORTED(409, ""),
    OUT_OF_RANGE(400, ""),
    UNIMPLEMENTED(501, "no such method here"),
    INTERNAL(500, "the request could not be served"),
    UNAVAILABLE(503, "the service is unavailable"),
    DATA_LOSS(500, ""),
    UNAUTHENTICATED(401, "not authenticated");

    private static final GrpcStatus[] BY_CODE = values();

    private final int httpStatus;
    private final byte[] message;
    private final byte[] digits;
    private final String text = "grpc-" + name().toLowerCase(Locale.ROOT).replace('_', '-');

    GrpcStatus(int httpStatus, String message) {
        this.httpStatus = httpStatus;
        this.message = message.getBytes(StandardCharsets.US_ASCII);
        this.digits = Integer.toString(ordinal()).getBytes(StandardCharsets.US_ASCII);
    }

    /** The number on the wire. */
    int code() {
        return ordinal();
    }

    /** The number as the field's value. */
    byte[] digits() {
        return digits;
    }

    /** The HTTP status it counts as. */
    int httpStatus() {
        return httpStatus;
    }

    /** What Weir says with it, nothing of the inside; needs no percent-encoding. */
    byte[] message() {
        return message;
    }

    /** What the log and {@code retry.conditions} call it. */
    String text() {
        return text;
    }

    /** Whether a service wants such a call tried again. */
    boolean retriedBy(ServiceConfig.Retry retry) {
        return retry.onGrpcStatuses().contains(ordinal());
    }

    /** The status a field's value names; {@link #UNKNOWN} for what is none, as clients take it. */
    static GrpcStatus of(Fields fields, int field) {
        int length = fields.valueLength(field);
        int start = fields.valueStart(field);
        byte[] a = fields.array();
        int code = 0;
        for (int i = start; i < start + length; i++) {
            int digit = a[i] - '0';
            if (digit < 0 || digit > 9 || length > 2) {
                return UNKNOWN;
            }
            code = code * 10 + digit;
        }
        return length == 0 || code >= BY_CODE.length ? UNKNOWN : BY_CODE[code];
    }

    /** The status for one of HTTP: gRPC's {@code http-grpc-status-mapping.md}, and what Weir's own errors mean. */
    static GrpcStatus ofHttp(int status) {
        return switch (status) {
            case 400, 417, 500 -> INTERNAL;
            case 401 -> UNAUTHENTICATED;
            case 403 -> PERMISSION_DENIED;
            case 404, 405, 501, 505 -> UNIMPLEMENTED;
            case 408, 504 -> DEADLINE_EXCEEDED;
            case 413, 414, 431 -> RESOURCE_EXHAUSTED;
            case 429, 502, 503 -> UNAVAILABLE;
            case 499 -> CANCELLED;
            default -> UNKNOWN;
        };
    }
}
