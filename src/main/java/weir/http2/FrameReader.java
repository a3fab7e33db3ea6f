package weir.http2;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.Arrays;

/**
 * Cuts what a peer sends into frames (RFC 9113 section 4.1). Data is passed on as it comes, without waiting for the end
 * of its frame; the payload of any other frame is put together first. What the frames mean, and whether their size is
 * right, is the listener's business. Confined to one event loop.
 */
final class FrameReader {
    /** SETTINGS_MAX_FRAME_SIZE as it is when nothing is said of it. */
    static final int MOST_PAYLOAD = 16 * 1024;

    static final int HEADER_BYTES = 9;

    static final int DATA = 0;
    static final int HEADERS = 1;
    static final int PRIORITY = 2;
    static final int RST_STREAM = 3;
    static final int SETTINGS = 4;
    static final int PUSH_PROMISE = 5;
    static final int PING = 6;
    static final int GOAWAY = 7;
    static final int WINDOW_UPDATE = 8;
    static final int CONTINUATION = 9;

    static final int END_STREAM = 1;
    static final int ACK = 1;
    static final int END_HEADERS = 4;
    static final int PADDED = 8;
    static final int PRIORITY_FLAG = 0x20;

    private static final byte[] NO_BYTES = {};
    private static final int FIRST_PAYLOAD = 256;
    private static final int KEPT_PAYLOAD = 4096;

    private final Listener listener;
    private final byte[] header = new byte[HEADER_BYTES];
    private byte[] payload = NO_BYTES;
    private int headerBytes;
    private int gathered;
    private int length;
    private int type;
    private int flags;
    private int stream;
    private int dataLeft;
    private int padding;
    private boolean stopped;

    /** What to do with the frames. */
    interface Listener {
        /** A frame begins whose payload has so many bytes; false when that is the end of the connection. */
        boolean begin(int type, int flags, int stream, int length);

        /**
         * A part of a DATA frame's bytes, whose ownership passes; {@code last} with the last part, which may be empty.
         * {@code padding}: bytes of padding that came with the frame, told with the last part.
         */
        void data(int stream, ByteBuf part, int padding, boolean last, boolean endStream);

        /** Any other frame. The array is valid during the call. */
        void frame(int type, int flags, int stream, byte[] payload, int length);

        /** A DATA frame has more padding than bytes, which is the end of the connection (RFC 9113 section 6.1). */
        void overPadded();
    }

    FrameReader(Listener listener) {
        this.listener = listener;
    }

    /** Reads nothing any more. */
    void stop() {
        stopped = true;
    }

    /** Whether a frame other than DATA has begun and not ended. */
    boolean inFrame() {
        return headerBytes > 0 && (headerBytes < HEADER_BYTES || type != DATA);
    }

    /** Bytes of memory that an unfinished frame has. */
    int heldBytes() {
        return payload.length;
    }

    /** Reads all of the buffer, which stays the caller's. */
    void read(ByteBuf in) {
        while (!stopped && in.isReadable()) {
            if (headerBytes < HEADER_BYTES) {
                int n = Math.min(HEADER_BYTES - headerBytes, in.readableBytes());
                in.readBytes(header, headerBytes, n);
                headerBytes += n;
                if (headerBytes < HEADER_BYTES) {
                    return;
                }
                begin();
            } else if (type == DATA) {
                data(in);
            } else {
                gather(in);
            }
        }
    }

    private void begin() {
        length = (header[0] & 0xff) << 16 | (header[1] & 0xff) << 8 | header[2] & 0xff;
        type = header[3] & 0xff;
        flags = header[4] & 0xff;
        stream = integer(header, 5) & Integer.MAX_VALUE;
        gathered = 0;
        padding = (flags & PADDED) != 0 && type == DATA ? -1 : 0;
        dataLeft = length;
        if (!listener.begin(type, flags, stream, length)) {
            stopped = true;
        } else if (length == 0) {
            end();
        }
    }

    private void end() {
        headerBytes = 0;
        if (type == DATA) {
            listener.data(stream, Unpooled.EMPTY_BUFFER, 0, true, (flags & END_STREAM) != 0);
        } else {
            listener.frame(type, flags, stream, payload, length);
            if (payload.length > KEPT_PAYLOAD) {
                payload = NO_BYTES;
            }
        }
    }

    private void gather(ByteBuf in) {
        if (payload.length < length) {
            int size = Math.max(FIRST_PAYLOAD, Math.max(length, payload.length * 2));
            payload = gathered == 0 ? new byte[size] : Arrays.copyOf(payload, size);
        }
        int n = Math.min(length - gathered, in.readableBytes());
        in.readBytes(payload, gathered, n);
        gathered += n;
        if (gathered == length) {
            end();
        }
    }

    private void data(ByteBuf in) {
        if (padding < 0) {
            padding = in.readUnsignedByte() + 1;
            dataLeft = length - padding;
            gathered = 1;
            if (dataLeft < 0) {
                stopped = true;
                listener.overPadded();
                return;
            }
            if (gathered < length && !in.isReadable()) {
                return;
            }
        }
        int bytes = Math.min(dataLeft, in.readableBytes());
        dataLeft -= bytes;
        gathered += bytes;
        ByteBuf part = bytes == 0 ? Unpooled.EMPTY_BUFFER : in.readRetainedSlice(bytes);
        int skipped = dataLeft > 0 ? 0 : Math.min(length - gathered, in.readableBytes());
        gathered += skipped;
        in.skipBytes(skipped);
        boolean last = gathered == length;
        if (last) {
            headerBytes = 0;
        }
        listener.data(stream, part, last ? padding : 0, last, last && (flags & END_STREAM) != 0);
    }

    /** The eight bytes of a PING as a number. */
    static long opaque(byte[] ping) {
        return (long) integer(ping, 0) << 32 | integer(ping, 4) & 0xffffffffL;
    }

    /** Four bytes as a number. */
    static int integer(byte[] a, int at) {
        return (a[at] & 0xff) << 24 | (a[at + 1] & 0xff) << 16 | (a[at + 2] & 0xff) << 8 | a[at + 3] & 0xff;
    }
}
