package weir.http2;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelHandlerContext;
import org.jspecify.annotations.Nullable;

/**
 * Writes frames (RFC 9113 section 6) to a channel. Frame headers, header blocks and small pieces of data are gathered in
 * one buffer, so that the answers of many streams are one write; larger pieces pass as they are. Confined to one event
 * loop.
 */
final class FrameWriter {
    private static final int CAPACITY = 16 * 1024;
    private static final int MERGED = 2048;

    /** For the header of data that follows as it is. */
    private static final int LONE = 64;

    private final ChannelHandlerContext context;
    private final ByteBufAllocator alloc;
    private @Nullable ByteBuf gathered;
    private boolean unflushed;
    private boolean blockNeedsSize;

    FrameWriter(ChannelHandlerContext context) {
        this.context = context;
        this.alloc = context.alloc();
    }

    /** A buffer to append so many bytes to, at once; a new one has room for {@code usual} if that is more. */
    private ByteBuf room(int bytes, int usual) {
        ByteBuf buffer = gathered;
        if (buffer != null && buffer.writableBytes() >= bytes) {
            return buffer;
        }
        push();
        buffer = alloc.ioBuffer(Math.max(usual, bytes));
        gathered = buffer;
        return buffer;
    }

    /** Whether something was written since the last flush. */
    boolean unflushed() {
        return unflushed || gathered != null;
    }

    /** Sends what was written, if anything. */
    void flush() {
        push();
        if (unflushed) {
            unflushed = false;
            context.flush();
        }
    }

    /** Hands what was gathered to the channel, so that it counts as waiting there. */
    void push() {
        ByteBuf buffer = gathered;
        if (buffer != null) {
            gathered = null;
            unflushed = true;
            context.write(buffer, context.voidPromise());
        }
    }

    /** Forgets what was not handed to the channel yet. */
    void discard() {
        ByteBuf buffer = gathered;
        if (buffer != null) {
            gathered = null;
            buffer.release();
        }
    }

    private ByteBuf frame(int length, int type, int flags, int stream) {
        return header(room(FrameReader.HEADER_BYTES + length, CAPACITY), length, type, flags, stream);
    }

    private static ByteBuf header(ByteBuf out, int length, int type, int flags, int stream) {
        out.writeMedium(length);
        out.writeByte(type);
        out.writeByte(flags);
        out.writeInt(stream);
        return out;
    }

    /** A SETTINGS frame of identifiers and values in turn. */
    void settings(int... settings) {
        ByteBuf out = frame(settings.length * 3, FrameReader.SETTINGS, 0, 0);
        for (int i = 0; i < settings.length; i += 2) {
            out.writeShort(settings[i]);
            out.writeInt(settings[i + 1]);
        }
    }

    void settingsAck() {
        frame(0, FrameReader.SETTINGS, FrameReader.ACK, 0);
    }

    void ping(long opaque, boolean ack) {
        frame(8, FrameReader.PING, ack ? FrameReader.ACK : 0, 0).writeLong(opaque);
    }

    void goAway(int lastStream, int error) {
        frame(8, FrameReader.GOAWAY, 0, 0).writeInt(lastStream).writeInt(error);
    }

    void reset(int stream, int error) {
        frame(4, FrameReader.RST_STREAM, 0, stream).writeInt(error);
    }

    void windowUpdate(int stream, int increment) {
        frame(4, FrameReader.WINDOW_UPDATE, 0, stream).writeInt(increment);
    }

    /** The peer made the table smaller that we never use: the next block must say so (RFC 7541 section 4.2). */
    void tableChanged() {
        blockNeedsSize = true;
    }

    /** A header block, in as many frames as it needs. */
    void headers(int stream, byte[] block, int start, int length, boolean endStream) {
        int size = blockNeedsSize ? 1 : 0;
        int end = endStream ? FrameReader.END_STREAM : 0;
        int n = Math.min(length, FrameReader.MOST_PAYLOAD - size);
        int flags = end | (n == length ? FrameReader.END_HEADERS : 0);
        ByteBuf out = frame(size + n, FrameReader.HEADERS, flags, stream);
        if (blockNeedsSize) {
            blockNeedsSize = false;
            out.writeByte(HpackEncoder.NO_TABLE);
        }
        out.writeBytes(block, start, n);
        for (int at = n; at < length; at += n) {
            n = Math.min(length - at, FrameReader.MOST_PAYLOAD);
            frame(n, FrameReader.CONTINUATION, at + n == length ? FrameReader.END_HEADERS : 0, stream)
                    .writeBytes(block, start + at, n);
        }
    }

    /** A DATA frame of the queue's oldest {@code length} bytes, at most {@link FrameReader#MOST_PAYLOAD}. */
    void data(int stream, BufferQueue from, int length, boolean endStream) {
        boolean merges = length <= MERGED;
        int flags = endStream ? FrameReader.END_STREAM : 0;
        ByteBuf out = merges
                ? frame(length, FrameReader.DATA, flags, stream)
                : header(room(FrameReader.HEADER_BYTES, LONE), length, FrameReader.DATA, flags, stream);
        int left = length;
        while (left > 0) {
            ByteBuf piece = from.take(left);
            left -= piece.readableBytes();
            if (merges) {
                out.writeBytes(piece);
                piece.release();
            } else {
                push();
                unflushed = true;
                context.write(piece, context.voidPromise());
            }
        }
    }
}
