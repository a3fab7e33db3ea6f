package weir.proxy;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import weir.config.ServiceConfig;
import weir.http.ClientStream;
import weir.http.FieldSyntax;
import weir.http.Fields;
import weir.http.HeadPool;
import weir.http.KnownField;
import weir.http.Method;
import weir.http.RequestHead;
import weir.http.ResponseHead;
import weir.service.Outcome;

/**
 * What an exchange knows of gRPC: whether it is a call, the caller's deadline, the status it ends with. A call is a POST
 * whose content type is {@code application/grpc}, with or without {@code +} and a format; gRPC-Web is none, for its
 * statuses stand in the body. Source: gRPC's {@code PROTOCOL-HTTP2.md}. Confined to one event loop.
 */
final class GrpcCall {
    private static final byte[] CONTENT_TYPE = ascii("application/grpc");
    private static final byte[] MESSAGE = ascii("grpc-message");
    private static final int MOST_DIGITS = 8;

    private boolean active;
    private long timeoutNanos;
    private boolean streaming;
    private @Nullable GrpcStatus status;

    void reset() {
        active = false;
        timeoutNanos = 0;
        attempt();
    }

    /** Another attempt begins: what the last one said is forgotten. */
    void attempt() {
        streaming = false;
        status = null;
    }

    // The request

    /** Finds out whether the request is a call. */
    void request(RequestHead head) {
        Fields fields = head.fields();
        int type = fields.first(KnownField.CONTENT_TYPE);
        if (type >= 0 && head.method() == Method.POST && isGrpc(fields, type)) {
            active = true;
            int timeout = fields.first(KnownField.GRPC_TIMEOUT);
            timeoutNanos = timeout < 0 ? 0 : nanos(fields, timeout);
        }
    }

    private static boolean isGrpc(Fields fields, int type) {
        int length = fields.valueLength(type);
        byte[] a = fields.array();
        int start = fields.valueStart(type);
        if (length < CONTENT_TYPE.length || !FieldSyntax.equalsIgnoreCase(a, start, CONTENT_TYPE)) {
            return false;
        }
        byte next = length == CONTENT_TYPE.length ? (byte) ';' : a[start + CONTENT_TYPE.length];
        return next == ';' || next == '+' || next == ' ';
    }

    /** The value of {@code grpc-timeout}, at least 1; 0 for one that is malformed, which the backend judges. */
    private static long nanos(Fields fields, int timeout) {
        byte[] a = fields.array();
        int start = fields.valueStart(timeout);
        int digits = fields.valueLength(timeout) - 1;
        if (digits < 1 || digits > MOST_DIGITS) {
            return 0;
        }
        long unit = unitNanos(a[start + digits]);
        long amount = FieldSyntax.parseContentLength(a, start, start + digits);
        if (unit == 0 || amount < 0) {
            return 0;
        }
        return amount > Long.MAX_VALUE / 2 / unit ? Long.MAX_VALUE / 2 : Math.max(1, amount * unit);
    }

    private static long unitNanos(byte unit) {
        return switch (unit) {
            case 'H' -> 3_600_000_000_000L;
            case 'M' -> 60_000_000_000L;
            case 'S' -> 1_000_000_000L;
            case 'm' -> 1_000_000L;
            case 'u' -> 1_000L;
            case 'n' -> 1L;
            default -> 0;
        };
    }

    /** Whether the request is a call. */
    boolean active() {
        return active;
    }

    /** How long the caller waits, from the request's head on; 0 when it does not say. */
    long timeoutNanos() {
        return timeoutNanos;
    }

    /** Whether its small body is worth keeping: the service wants calls tried again that a backend has seen. */
    boolean repeats(ServiceConfig.Retry retry) {
        return active && retry.attempts() > 1 && !retry.onGrpcStatuses().isEmpty();
    }

    // The response

    /** A final head came. */
    void head(ResponseHead head) {
        if (active) {
            Fields fields = head.fields();
            int type = fields.first(KnownField.CONTENT_TYPE);
            note(fields);
            streaming = head.status() == 200
                    && head.contentLength() == ResponseHead.UNKNOWN_LENGTH
                    && type >= 0
                    && isGrpc(fields, type);
        }
    }

    /** The body has ended. */
    void trailers(@Nullable Fields trailers) {
        if (active && trailers != null) {
            note(trailers);
        }
    }

    private void note(Fields fields) {
        int field = fields.first(KnownField.GRPC_STATUS);
        if (field >= 0) {
            status = GrpcStatus.of(fields, field);
        }
    }

    /** The status said so far; null for none. */
    @Nullable
    GrpcStatus status() {
        return status;
    }

    /** The code for the log; -1 for none. */
    int code() {
        GrpcStatus said = status;
        return said == null ? -1 : said.code();
    }

    /** Whether the call failed, by the backend's word. */
    boolean failed() {
        return status != null && status != GrpcStatus.OK;
    }

    /** The status that the response counts as: what the HTTP one hides. */
    int countedStatus(int httpStatus) {
        GrpcStatus said = status;
        return said == null || httpStatus != 200 ? httpStatus : said.httpStatus();
    }

    /** What the response says of its backend: nothing when the caller's own deadline passed. */
    Outcome outcome(Outcome otherwise) {
        return otherwise == Outcome.RESPONSE && timeoutNanos > 0 && status == GrpcStatus.DEADLINE_EXCEEDED
                ? Outcome.NEUTRAL
                : otherwise;
    }

    // Errors of Weir's own

    /** The call, if it is one, ends with that status, whatever was said before. */
    void end(GrpcStatus with) {
        if (active) {
            status = with;
        }
    }

    /** The answer to a call that has got none: a head that holds the status ("trailers-only"). */
    static LocalAnswer answer(HeadPool heads, GrpcStatus with) {
        ResponseHead head = heads.response();
        head.status(200);
        head.contentLength(0);
        head.fields().add(KnownField.CONTENT_TYPE).value(CONTENT_TYPE);
        put(head.fields(), with);
        return new LocalAnswer(head, LocalAnswer.NO_BODY, false);
    }

    /** Whether a response that has begun can still be ended by a status. */
    boolean streaming() {
        return streaming;
    }

    /** Ends a response that has begun. */
    static void finish(ClientStream to, HeadPool heads, GrpcStatus with) {
        ResponseHead holder = heads.response();
        put(holder.fields(), with);
        to.finish(holder.fields());
        to.flush();
        heads.release(holder);
    }

    private static void put(Fields fields, GrpcStatus with) {
        fields.add(KnownField.GRPC_STATUS).value(with.digits());
        fields.add(MESSAGE).value(with.message());
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
