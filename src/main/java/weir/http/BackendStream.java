package weir.http;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * The backend's side of one attempt, whatever the protocol version. Its events go to the {@link ResponseReceiver} it
 * was opened with. With the end of the response the attempt is over, and what is left of the request is given up; the
 * connection goes back to its owner by itself, or is closed if it cannot be used again. After the last event the stream
 * is not used any more. Confined to one event loop. Writes become visible with {@link #flush()}.
 */
public interface BackendStream {
    /**
     * Writes the request head: method, {@link RequestHead#forwardedPath()} and query, forwarded host, fields that are
     * not dropped; connection and framing fields are the stream's own. {@code last}: no body follows and
     * {@link #finish} is not called.
     */
    void request(RequestHead head, boolean last);

    /** Writes body bytes, or tunnelled bytes, and takes the buffer over. */
    void write(ByteBuf data);

    /** Ends the request body, or this direction of a tunnel. */
    void finish(@Nullable Fields trailers);

    /** Sends what was written. */
    void flush();

    /**
     * Bytes that the backend's kernel has acknowledged, while some have not been; -1 when there are none, or nobody can tell
     * for this stream alone. A system call: asked only before a silence is called one.
     */
    default long acknowledged() {
        return -1;
    }

    /** Whether more should be written now; {@link ResponseReceiver#writable()} tells when it may again. */
    boolean writable();

    /** Stops body events, and with them reading from the backend, until {@link #resume()}. May be called twice. */
    void pause();

    /** Body events may come again, though not from within this call. May be called when not paused. */
    void resume();

    /** After a 101: both directions are raw bytes from now on. */
    void tunnel();

    /** Gives the attempt up: no event comes any more; HTTP/1.1 closes the connection. */
    void cancel();

    /** Whether the connection had served a request before this one. */
    boolean reused();
}
