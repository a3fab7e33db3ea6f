package weir.http1;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;
import weir.config.LimitsConfig.Underscores;
import weir.http.Fields;
import weir.http.MessageError;

/**
 * Reads a body whatever its framing: of known length, chunked, or bytes up to the connection's end. Data comes as
 * slices of what was read, or as the buffer itself. Confined to one event loop.
 */
final class BodyReader {
    private final ChunkedDecoder decoder;
    private boolean chunked;
    private boolean endless;
    private long remaining;
    private @Nullable ByteBuf data;

    /** A reader whose trailers are bounded and treated like a head's fields. */
    BodyReader(int maxTrailerBytes, int maxTrailers, Underscores underscores) {
        decoder = new ChunkedDecoder(maxTrailerBytes, maxTrailers, underscores);
    }

    /** A body of so many bytes. */
    void beginLength(long bytes) {
        chunked = false;
        endless = false;
        remaining = bytes;
    }

    /** A chunked body. */
    void beginChunked() {
        chunked = true;
        decoder.begin();
    }

    /** Bytes as they come, until the connection's end. */
    void beginEndless() {
        chunked = false;
        endless = true;
        remaining = Long.MAX_VALUE;
    }

    /** Lets go of the trailers. */
    void forget() {
        decoder.forget();
    }

    /** Whether the body ends with the connection. */
    boolean endless() {
        return endless && !chunked;
    }

    /** Whether every byte of a body of known length was read: its end needs no further input. */
    boolean exhausted() {
        return !chunked && remaining == 0;
    }

    /** How many bytes are still to come; {@link Long#MAX_VALUE} where nobody knows. */
    long rest() {
        return chunked ? Long.MAX_VALUE : remaining;
    }

    /** Reads on until data is at hand, the body is complete or refused, or the input is used up. */
    Progress read(HeldInput input) {
        if (chunked) {
            return decoder.read(input);
        }
        if (remaining == 0) {
            return Progress.DONE;
        }
        if (input.isEmpty()) {
            return Progress.MORE;
        }
        ByteBuf taken = input.take(remaining);
        if (!endless) {
            remaining -= taken.readableBytes();
        }
        data = taken;
        return Progress.DATA;
    }

    /** The data at hand; ownership passes. */
    ByteBuf take() {
        if (chunked) {
            return decoder.take();
        }
        ByteBuf taken = data;
        if (taken == null) {
            throw new IllegalStateException("no data");
        }
        data = null;
        return taken;
    }

    /** The trailers of a complete body, or null. */
    @Nullable
    Fields trailers() {
        return chunked ? decoder.trailers() : null;
    }

    /** Why the body is refused. */
    MessageError error() {
        return decoder.error();
    }
}
