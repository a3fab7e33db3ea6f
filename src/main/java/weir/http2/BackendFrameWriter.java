package weir.http2;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Writes the frames of one connection to a backend. Small ones are gathered in one buffer; bodies go to the channel as
 * they are, behind it. Flow control is the caller's business. Confined to one event loop.
 */
final class BackendFrameWriter {
    private static final byte[] PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final int HEADER_BYTES = 9;
    private static final int MOST_PAYLOAD = FrameReader.MOST_PAYLOAD;
    private static final int GATHERED = 4 * 1024;
    private static final int COPIED = 512;

    private final ChannelHandlerContext context;
    private @Nullable ByteBuf pending;
    private boolean written;

    BackendFrameWriter(ChannelHandlerContext context) {
        this.context = context;
    }

    /** The preface of a client (RFC 9113 section 3.4) and its settings, each an identifier and a value. */
    void preface(int... settings) {
        ByteBuf out = room(PREFACE.length + HEADER_BYTES + settings.length * 3);
        out.writeBytes(PREFACE);
        header(out, settings.length * 3, FrameReader.SETTINGS, 0, 0);
        for (int i = 0; i < settings.length; i += 2) {
            out.writeShort(settings[i]).writeInt(settings[i + 1]);
        }
    }

    /** A header block, in as many frames as it takes. */
    void block(int stream, byte[] a, int start, int length, boolean endStream) {
        int type = FrameReader.HEADERS;
        int flags = endStream ? FrameReader.END_STREAM : 0;
        int at = start;
        int left = length;
        do {
            int n = Math.min(left, MOST_PAYLOAD);
            left -= n;
            ByteBuf out = room(HEADER_BYTES + n);
            header(out, n, type, left == 0 ? flags | FrameReader.END_HEADERS : flags, stream);
            out.writeBytes(a, at, n);
            at += n;
            type = FrameReader.CONTINUATION;
            flags = 0;
        } while (left > 0);
    }

    /** Data of any length, which it takes over. */
    void data(int stream, ByteBuf data) {
        while (data.readableBytes() > MOST_PAYLOAD) {
            piece(stream, data.readRetainedSlice(MOST_PAYLOAD));
        }
        piece(stream, data);
    }

    private void piece(int stream, ByteBuf data) {
        int n = data.readableBytes();
        if (n <= COPIED) {
            ByteBuf out = room(HEADER_BYTES + n);
            header(out, n, FrameReader.DATA, 0, stream);
            out.writeBytes(data);
            data.release();
        } else {
            header(room(HEADER_BYTES), n, FrameReader.DATA, 0, stream);
            handOver();
            context.write(data, context.voidPromise());
        }
    }

    /** The end of a stream without more data. */
    void end(int stream) {
        header(room(HEADER_BYTES), 0, FrameReader.DATA, FrameReader.END_STREAM, stream);
    }

    void reset(int stream, int code) {
        ByteBuf out = room(HEADER_BYTES + 4);
        header(out, 4, FrameReader.RST_STREAM, 0, stream);
        out.writeInt(code);
    }

    void windowUpdate(int stream, int bytes) {
        ByteBuf out = room(HEADER_BYTES + 4);
        header(out, 4, FrameReader.WINDOW_UPDATE, 0, stream);
        out.writeInt(bytes);
    }

    void settingsAck() {
        header(room(HEADER_BYTES), 0, FrameReader.SETTINGS, FrameReader.ACK, 0);
    }

    void ping(long opaque, boolean ack) {
        ByteBuf out = room(HEADER_BYTES + 8);
        header(out, 8, FrameReader.PING, ack ? FrameReader.ACK : 0, 0);
        out.writeLong(opaque);
    }

    /** No stream of a backend was ever taken. */
    void goAway(int code) {
        ByteBuf out = room(HEADER_BYTES + 8);
        header(out, 8, FrameReader.GOAWAY, 0, 0);
        out.writeInt(0).writeInt(code);
    }

    /** Sends what was written, if there is anything. */
    void flush() {
        handOver();
        if (written) {
            written = false;
            context.flush();
        }
    }

    /** Forgets what was not handed to the channel yet. */
    void discard() {
        ByteBuf out = pending;
        pending = null;
        if (out != null) {
            out.release();
        }
    }

    private void handOver() {
        ByteBuf out = pending;
        pending = null;
        if (out != null) {
            context.write(out, context.voidPromise());
        }
    }

    private ByteBuf room(int bytes) {
        written = true;
        ByteBuf out = pending;
        if (out != null && out.maxFastWritableBytes() >= bytes) {
            return out;
        }
        handOver();
        out = context.alloc().ioBuffer(Math.max(bytes, GATHERED));
        pending = out;
        return out;
    }

    private static void header(ByteBuf out, int length, int type, int flags, int stream) {
        out.writeMedium(length).writeByte(type).writeByte(flags).writeInt(stream);
    }
}
