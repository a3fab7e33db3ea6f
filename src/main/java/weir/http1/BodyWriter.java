package weir.http1;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;
import weir.http.Fields;

/**
 * Writes a body in the framing that its head announced. A body that would be longer or shorter than announced cannot be
 * written: the caller is told and breaks the message off. The end of a chunk is written with the next chunk's head, or
 * when {@link #flush} comes before that. Confined to one event loop.
 */
final class BodyWriter {
    private static final int NONE = 0;
    private static final int LENGTH = 1;
    private static final int CHUNKED = 2;
    private static final int RAW = 3;
    private static final int MAX_CHUNK_HEAD = 12;

    private final Output output;
    private final Http1HeadWriter heads;
    private int form;
    private long remaining;
    private boolean chunkOpen;

    BodyWriter(Output output, Http1HeadWriter heads) {
        this.output = output;
        this.heads = heads;
    }

    /** There is no body by rule: what is written is thrown away. */
    void beginNone() {
        form = NONE;
    }

    /** A body of so many bytes. */
    void beginLength(long bytes) {
        form = LENGTH;
        remaining = bytes;
    }

    /** A chunked body. */
    void beginChunked() {
        form = CHUNKED;
        chunkOpen = false;
    }

    /** Bytes as they are: a tunnel, or a body that ends with the connection. */
    void beginRaw() {
        form = RAW;
    }

    /** Whether only the connection's end tells the body's end. */
    boolean raw() {
        return form == RAW;
    }

    /** Writes data, which it takes over. False, and nothing written, when it is more than announced. */
    boolean write(ByteBuf data) {
        int bytes = data.readableBytes();
        if (bytes == 0 || form == NONE) {
            data.release();
            return true;
        }
        if (form == LENGTH) {
            if (bytes > remaining) {
                data.release();
                return false;
            }
            remaining -= bytes;
        } else if (form == CHUNKED) {
            chunkHead(output.room(MAX_CHUNK_HEAD), bytes);
        }
        output.write(data);
        return true;
    }

    /** Ends the body; false when it is less than announced. */
    boolean finish(@Nullable Fields trailers) {
        if (form == CHUNKED) {
            ByteBuf out = output.room(7);
            closeChunk(out);
            out.writeByte('0').writeByte('\r').writeByte('\n');
            if (trailers == null) {
                out.writeByte('\r').writeByte('\n');
            } else {
                heads.trailers(trailers, output);
            }
        }
        return form != LENGTH || remaining == 0;
    }

    /** Sends what was written. */
    void flush() {
        if (form == CHUNKED && chunkOpen) {
            closeChunk(output.room(2));
        }
        output.flush();
    }

    private void chunkHead(ByteBuf out, int bytes) {
        closeChunk(out);
        int shift = (31 - Integer.numberOfLeadingZeros(bytes)) & ~3;
        for (; shift >= 0; shift -= 4) {
            int digit = bytes >> shift & 15;
            out.writeByte(digit < 10 ? '0' + digit : 'a' + digit - 10);
        }
        out.writeByte('\r').writeByte('\n');
        chunkOpen = true;
    }

    private void closeChunk(ByteBuf out) {
        if (chunkOpen) {
            out.writeByte('\r').writeByte('\n');
            chunkOpen = false;
        }
    }
}
