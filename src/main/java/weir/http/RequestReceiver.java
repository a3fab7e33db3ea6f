package weir.http;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * What happens on a {@link ClientStream}: first {@link #request} or {@link #rejected}, then body, then {@link #end};
 * {@link #broken} or {@link #aborted} may come instead of what is left. After the response was finished,
 * whether the request has ended or not, or after {@code rejected}, {@code broken} (once answered), {@code aborted} or a
 * reset by the proxy, no event comes any more: the receiver may then serve another request. Confined to one event loop.
 */
public interface RequestReceiver {
    /** A valid head; ownership passes. {@code last}: no body follows and {@link #end} is not called. */
    void request(RequestHead head, boolean last);

    /** The head is refused or came too slowly; as much as was read is in {@code head}, whose ownership passes. */
    void rejected(RequestHead head, MessageError error);

    /** Body bytes, or tunnelled bytes; ownership passes. */
    void body(ByteBuf data);

    /** The body has ended, or the client ended its direction of a tunnel. Trailers are valid during the call. */
    void end(@Nullable Fields trailers);

    /** The body's framing is wrong or it came too slowly: nothing more can be read from this client. */
    void broken(MessageError error);

    /** The client is gone: reset, or closed before the request was complete. */
    void aborted();

    /** The client's connection was reset, since it holds too much memory and makes no progress. */
    default void shed() {
        aborted();
    }

    /** The stream is writable again. */
    void writable();

    /** No more events are at hand: the time to flush what they made the proxy write. */
    void readComplete();
}
