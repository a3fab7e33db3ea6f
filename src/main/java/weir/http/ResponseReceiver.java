package weir.http;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * What happens on a {@link BackendStream}: any number of {@link #informational}, then {@link #response}, body,
 * {@link #end}; {@link #failed} may come instead of what is left and is the last event. Confined to one event loop.
 */
public interface ResponseReceiver {
    /** A 1xx other than 101. The head is valid during the call. */
    void informational(ResponseHead head);

    /** The final head, or a 101 that was asked for. {@code last}: no body follows and {@link #end} is not called. */
    void response(ResponseHead head, boolean last);

    /** Body bytes, or tunnelled bytes; ownership passes. */
    void body(ByteBuf data);

    /** The body has ended, or the backend ended its direction of a tunnel. Trailers are valid during the call. */
    void end(@Nullable Fields trailers);

    /** The attempt failed after it was opened. */
    void failed(BackendFailure failure);

    /** The stream is writable again. */
    void writable();

    /** No more events are at hand: the time to flush what they made the proxy write. */
    void readComplete();

    /** On whose account the backend's side holds what waits for the client; null where nobody counts. */
    default @Nullable Holding holding() {
        return null;
    }
}
