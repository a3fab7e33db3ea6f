package weir.accesslog;

import org.jspecify.annotations.Nullable;
import weir.http.RequestHead;

/**
 * What a line of the access log is made of: one exchange, one TCP session, or a connection that ended before it had a
 * request. The line is rendered while {@link LoopLog#log} runs; nothing is kept. No method may allocate. Confined to
 * the event loop of the exchange.
 *
 * <p>Text that is ASCII bytes is a range of an array, usually of the head's arena. Any byte may stand in it: what
 * comes from a client is escaped.
 */
public interface LoggedExchange {
    /** When the first byte came, in milliseconds since 1970. */
    long startedMillis();

    /** The request, as far as it was read; null when no byte of it was, or when it is not HTTP. */
    @Nullable
    RequestHead request();

    /** The array that holds the client's IP address without port (see {@link AddressText}). */
    byte[] client();

    /** Where the client's address starts. */
    int clientStart();

    /** Bytes of the client's address. */
    int clientLength();

    /** Who was connected, with port: made once for each connection by {@link AddressText#withPort}. */
    byte[] peer();

    /** The name of the listener. */
    String listener();

    /** {@code HTTP/1.1} and its like (see {@link weir.http.Protocol#text()}), {@code TCP}; null when unknown. */
    @Nullable
    String protocol();

    /** {@code TLSv1.3}; null for a connection in the clear. */
    @Nullable
    String tlsVersion();

    /** The host name the TLS client asked for; null for none. */
    @Nullable
    String serverName();

    /** The status sent to the client, 499 when it left before; 0 for none. */
    int status();

    /** The gRPC status the call ended with, 0 for OK; -1 when it ended without, or is no gRPC. */
    default int grpcStatus() {
        return -1;
    }

    /**
     * Bytes of the request's body, or those tunnelled from the client. Heads, trailers and chunk framing are not
     * counted.
     */
    long bytesIn();

    /** Bytes of the response's body, or those tunnelled to the client, counted like {@link #bytesIn()}. */
    long bytesOut();

    /** Nanoseconds from the first byte of the request to the end of the exchange. */
    long totalNanos();

    /** Nanoseconds from the first byte of the request until the last attempt began; -1 when there was none. */
    long queueNanos();

    /** Nanoseconds the last attempt took to have a connection, near 0 for a pooled one; -1 when it had none. */
    long connectNanos();

    /** Nanoseconds from having a connection to the response head; -1 when none came. */
    long firstByteNanos();

    /** Nanoseconds from the response head to the end of the exchange; -1 without response head. */
    long transferNanos();

    /** The route; null when none matched. */
    @Nullable
    LogName route();

    /** The service; null when there was none. */
    @Nullable
    String service();

    /** The address of the backend of the last attempt; null when there was none. */
    @Nullable
    String backend();

    /** How many attempts there were. */
    int attempts();

    /** The address of the backend of an attempt, counted from 0. */
    String attemptBackend(int attempt);

    /** The short code that says how an attempt failed; empty when a response came and was used. */
    String attemptCode(int attempt);

    /** The status of an attempt's response; 0 when none came. */
    int attemptStatus(int attempt);

    /** How old what discovery said of the service was, in nanoseconds; -1 for backends of the configuration. */
    long discoveryAgeNanos();

    /** The array that holds the request id. */
    byte[] requestId();

    /** Where the request id starts. */
    int requestIdStart();

    /** Bytes of the request id; 0 for none. */
    int requestIdLength();

    /** The short code that says who ended the exchange and where; empty when all went well. */
    String why();
}
