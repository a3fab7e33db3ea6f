package weir.http;

import io.netty.buffer.ByteBuf;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * The client's side of one exchange, whatever the protocol version: HTTP/1.1 has one for each connection, used again
 * for each request; HTTP/2 and HTTP/3 have one for each stream. Its events go to a {@link RequestReceiver}. Confined
 * to one event loop; every method is called on it. Writes become visible to the client with {@link #flush()}.
 */
public interface ClientStream {
    /** Who is connected: the TCP peer, or whom the PROXY protocol names. */
    InetSocketAddress peer();

    /** The address the client connected to. */
    InetSocketAddress local();

    /** What the client's connection agreed on in its TLS handshake; null in the clear. */
    default @Nullable TlsFacts tls() {
        return null;
    }

    /** Whether the client's connection is encrypted. */
    default boolean secure() {
        return tls() != null;
    }

    /** The bytes counted for the client's connection; null where none are counted. */
    default @Nullable Holding holding() {
        return null;
    }

    /** Writes a 1xx response other than 101; nothing where the version has none (HTTP/1.0). */
    void inform(ResponseHead head);

    /**
     * Writes the final response head, dropped fields left out and framing fields set by the stream itself from
     * {@link ResponseHead#contentLength()}. {@code last}: no body and no trailers follow, and {@link #finish} is not
     * called. A 101 is written as it is.
     */
    void respond(ResponseHead head, boolean last);

    /** Writes body bytes, or tunnelled bytes, and takes the buffer over. Empty buffers are released and ignored. */
    void write(ByteBuf data);

    /** Ends the response body, or this direction of a tunnel. Trailers are dropped where they cannot be sent. */
    void finish(@Nullable Fields trailers);

    /** Sends what was written. */
    void flush();

    /**
     * Bytes that the client's kernel has acknowledged, while some have not been; -1 when there are none, or nobody can tell
     * for this stream alone. A system call: asked only before a silence is called one.
     */
    default long acknowledged() {
        return -1;
    }

    /** Whether more should be written now; {@link RequestReceiver#writable()} tells when it may again. */
    boolean writable();

    /** Stops body events, the end among them, and with them reading from the client, until {@link #resume()}. May be called twice. */
    void pause();

    /** Body events may come again, though not from within this call. May be called when not paused. */
    void resume();

    /** After a 101 (or the 2xx of an extended CONNECT): both directions are raw bytes from now on. */
    void tunnel();

    /**
     * How long the client may send nothing of the body, in nanoseconds, until the response's final head is written; 0 means
     * no limit. Replaces {@code limits.body-timeout} for this request. From that head on the stream does not mind: the
     * exchange's idle timeout counts bytes in both directions.
     */
    default void bodyTimeout(long nanos) {}

    /** HTTP/1.1: the response head to come says {@code Connection: close} and the connection closes after it. */
    void closeAfterResponse();

    /** Ends the stream at once, without a proper end of the response: HTTP/1.1 closes the connection. */
    void reset();
}
