package weir.proxy;

import weir.service.Outcome;

/**
 * Every way in which an exchange fails: what the client is answered, who is to blame, whether another attempt is
 * allowed, and the code that stands in the access log as {@code why}. Immutable.
 */
public enum ProxyError {
    /** The request broke the rules of HTTP; status and code are those of the {@link weir.http.MessageError}. */
    BAD_MESSAGE(400, Blame.CLIENT, Again.NEVER, "bad-request"),
    BAD_PATH(400, Blame.CLIENT, Again.NEVER, "bad-path"),
    CONNECT_METHOD(405, Blame.CLIENT, Again.NEVER, "connect-refused"),
    BODY_TOO_LARGE(413, Blame.CLIENT, Again.NEVER, "body-too-large"),
    /** The connection's certificate is not for the request's host (RFC 9110 section 15.5.20). */
    MISDIRECTED(421, Blame.CLIENT, Again.NEVER, "misdirected"),
    CLIENT_GONE(499, Blame.CLIENT, Again.NEVER, "client-gone"),
    CLIENT_STALLED(499, Blame.CLIENT, Again.NEVER, "client-stalled"),
    MEMORY(499, Blame.CLIENT, Again.NEVER, "memory"),
    NO_ROUTE(404, Blame.CLIENT, Again.NEVER, "no-route"),
    NO_BACKEND(503, Blame.BACKEND, Again.NEVER, "no-backend"),
    OVERFLOW(503, Blame.BACKEND, Again.NEVER, "overflow"),
    CONNECT_FAILED(502, Blame.BACKEND, Again.IF_UNSENT, "connect-failed"),
    CONNECT_TIMEOUT(504, Blame.BACKEND, Again.IF_UNSENT, "connect-timeout"),
    BACKEND_TLS(502, Blame.BACKEND, Again.IF_UNSENT, "backend-tls"),
    REFUSED(502, Blame.BACKEND, Again.IF_UNSENT, "backend-refused"),
    RESET(502, Blame.BACKEND, Again.IF_IDEMPOTENT, "backend-reset"),
    STATUS(502, Blame.BACKEND, Again.IF_IDEMPOTENT, "backend-status"),
    /** A gRPC call ended with a status that {@code retry.conditions} list: that says no more than "not now". */
    GRPC_STATUS(502, Blame.BACKEND, Again.IF_UNSENT, "grpc-status"),
    INVALID_RESPONSE(502, Blame.BACKEND, Again.NEVER, "invalid-response"),
    RESPONSE_HEAD_TOO_LARGE(502, Blame.BACKEND, Again.NEVER, "response-head-too-large"),
    UNSUPPORTED(502, Blame.BACKEND, Again.NEVER, "unsupported"),
    RESPONSE_TIMEOUT(504, Blame.BACKEND, Again.NEVER, "response-timeout"),
    IDLE_TIMEOUT(504, Blame.BACKEND, Again.NEVER, "idle-timeout"),
    /** No byte came either way of an exchange whose response has begun and whose request has not ended. */
    STREAM_IDLE(504, Blame.PROXY, Again.NEVER, "stream-idle"),
    REQUEST_TIMEOUT(504, Blame.BACKEND, Again.NEVER, "request-timeout"),
    /** The deadline that a gRPC caller set by {@code grpc-timeout} passed. */
    GRPC_DEADLINE(504, Blame.CLIENT, Again.NEVER, "grpc-deadline"),
    /** A peer that is not trusted connects where a PROXY header is due; it is closed without an answer. */
    UNTRUSTED_PROXY(403, Blame.CLIENT, Again.NEVER, "untrusted-proxy"),
    /** A connection does not begin with the PROXY header that is due; it is closed without an answer. */
    BAD_PROXY_HEADER(400, Blame.CLIENT, Again.NEVER, "bad-proxy-header"),
    TUNNEL_IDLE(504, Blame.PROXY, Again.NEVER, "tunnel-idle"),
    TUNNEL_LIFETIME(504, Blame.PROXY, Again.NEVER, "tunnel-lifetime"),
    /** No file descriptor for a connection to a backend, and nothing idle to close for one. */
    DESCRIPTORS(503, Blame.PROXY, Again.NEVER, "descriptors"),
    /** More client connections than {@code limits.connections}, and no idle one to close. */
    CONNECTIONS(503, Blame.PROXY, Again.NEVER, "connections"),
    SHUTDOWN(503, Blame.PROXY, Again.NEVER, "shutdown"),
    INTERNAL(500, Blame.PROXY, Again.NEVER, "internal");

    /** Who ended the exchange. */
    public enum Blame {
        CLIENT,
        BACKEND,
        PROXY
    }

    /** Whether the request may be sent once more, to another backend. */
    public enum Again {
        NEVER,
        /** No byte of the request was written, or the backend says it was not processed. */
        IF_UNSENT,
        /** Also when it was written, if the method is idempotent and its body empty (RFC 9110 section 9.2.2). */
        IF_IDEMPOTENT
    }

    private final int status;
    private final Blame blame;
    private final Again again;
    private final String code;

    ProxyError(int status, Blame blame, Again again, String code) {
        this.status = status;
        this.blame = blame;
        this.again = again;
        this.code = code;
    }

    /** The status the client is answered; 499 is for the log only. */
    public int status() {
        return status;
    }

    /** The status a gRPC client is answered. */
    GrpcStatus grpcStatus() {
        return switch (this) {
            case CONNECT_TIMEOUT -> GrpcStatus.UNAVAILABLE;
            case INVALID_RESPONSE, RESPONSE_HEAD_TOO_LARGE -> GrpcStatus.INTERNAL;
            default -> GrpcStatus.ofHttp(status);
        };
    }

    /** Who is to blame. */
    public Blame blame() {
        return blame;
    }

    /** Whether another attempt is allowed. */
    public Again again() {
        return again;
    }

    /** What the access log calls it. */
    public String code() {
        return code;
    }

    /** What an attempt that is given up because of this says of its backend. */
    Outcome outcome() {
        return switch (this) {
            case RESPONSE_TIMEOUT, IDLE_TIMEOUT -> Outcome.TIMEOUT;
            default -> Outcome.NEUTRAL;
        };
    }

    /** Whether the client's connection may be used again after the answer. */
    boolean keepsConnection() {
        return switch (this) {
            case BAD_MESSAGE, BODY_TOO_LARGE, CONNECTIONS, SHUTDOWN, INTERNAL -> false;
            default -> true;
        };
    }
}
