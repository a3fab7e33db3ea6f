package weir.http2;

import static weir.http2.FrameReader.ACK;
import static weir.http2.FrameReader.CONTINUATION;
import static weir.http2.FrameReader.DATA;
import static weir.http2.FrameReader.END_HEADERS;
import static weir.http2.FrameReader.END_STREAM;
import static weir.http2.FrameReader.GOAWAY;
import static weir.http2.FrameReader.HEADERS;
import static weir.http2.FrameReader.PADDED;
import static weir.http2.FrameReader.PING;
import static weir.http2.FrameReader.PRIORITY;
import static weir.http2.FrameReader.PRIORITY_FLAG;
import static weir.http2.FrameReader.PUSH_PROMISE;
import static weir.http2.FrameReader.RST_STREAM;
import static weir.http2.FrameReader.SETTINGS;
import static weir.http2.FrameReader.WINDOW_UPDATE;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import weir.http.FloodGuard.Event;

/**
 * Reads a client's frames: checks the preface, the size and order of frames and what each may say by itself (RFC 9113
 * sections 3.4, 4 and 6), and puts header blocks together. What they mean for streams is the connection's business.
 * Confined to one event loop.
 */
final class Http2ClientFrames implements FrameReader.Listener {
    /** What every connection begins with. */
    static final byte[] PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    private static final int MOST_CONTINUATIONS = 16;
    private static final int BLOCK_SLACK = 32 * 1024;
    private static final int PRIORITY_BYTES = 5;
    private static final byte[] NO_BYTES = {};

    private final Http2ClientConnection connection;
    private final int blockLimit;
    private final FrameReader reader = new FrameReader(this);
    private int prefaceBytes;
    private boolean settled;

    private byte[] block = NO_BYTES;
    private int blockLength;
    private int blockStream;
    private boolean blockDropped;
    private int finished;
    private boolean blockEndsStream;
    private boolean blockDependsOnItself;
    private int continuations;

    /** Header blocks may have that many bytes, and some for what they say of streams we refuse with an answer. */
    Http2ClientFrames(Http2ClientConnection connection, Http2Limits limits) {
        this.connection = connection;
        this.blockLimit = limits.message().requestLine() + limits.message().headers() + BLOCK_SLACK;
    }

    /** Reads all of the buffer, which stays the caller's. */
    void read(ByteBuf in) {
        while (prefaceBytes < PREFACE.length && in.isReadable()) {
            if (in.readByte() != PREFACE[prefaceBytes++]) {
                connection.fail(Http2Error.PROTOCOL_ERROR);
                return;
            }
        }
        reader.read(in);
    }

    /** Reads nothing any more. */
    void stop() {
        reader.stop();
        block = NO_BYTES;
    }

    /** Bytes of memory that unfinished frames and header blocks have. */
    int heldBytes() {
        return block.length + reader.heldBytes();
    }

    /** Whether preface and first settings came. */
    boolean settled() {
        return settled;
    }

    /** Whether a frame other than DATA, or a header block, has begun and not ended. */
    boolean unfinished() {
        return blockStream != 0 || reader.inFrame();
    }

    /** How many frames, or header blocks of several, have ended: tells an unfinished one from the next. */
    int finished() {
        return finished;
    }

    /** The header block under way is dropped when it ends; it is decoded all the same. */
    void dropBlock() {
        blockDropped = true;
    }

    /** The stream whose header block has begun and not ended; 0 for none. */
    int blockStream() {
        return blockStream;
    }

    // Frames as they begin

    @Override
    public boolean begin(int type, int flags, int stream, int length) {
        int error = check(type, flags, stream, length);
        if (error == Http2Error.NO_ERROR && type == DATA) {
            error = connection.dataBegins(stream, length);
        }
        if (error != Http2Error.NO_ERROR) {
            connection.fail(error);
        }
        return error == Http2Error.NO_ERROR && !connection.closing();
    }

    private int check(int type, int flags, int stream, int length) {
        if (length > FrameReader.MOST_PAYLOAD) {
            return Http2Error.FRAME_SIZE_ERROR;
        }
        boolean first = !settled && (type != SETTINGS || (flags & ACK) != 0);
        boolean misplaced = blockStream == 0 ? type == CONTINUATION : type != CONTINUATION || stream != blockStream;
        if (first || misplaced) {
            return Http2Error.PROTOCOL_ERROR;
        }
        boolean ofConnection = type == SETTINGS || type == PING || type == GOAWAY;
        boolean ofEither = type == WINDOW_UPDATE || type > CONTINUATION;
        if (type == PUSH_PROMISE || (!ofEither && ofConnection != (stream == 0))) {
            return Http2Error.PROTOCOL_ERROR;
        }
        if (type == CONTINUATION) {
            if (++continuations > MOST_CONTINUATIONS || blockLength + length > blockLimit) {
                connection.life().flooded(Event.CONTINUATION.why(), continuations);
            } else if (length == 0) {
                connection.count(Event.CONTINUATION);
            }
            return Http2Error.NO_ERROR;
        }
        return isSized(type, flags, length) ? Http2Error.NO_ERROR : Http2Error.FRAME_SIZE_ERROR;
    }

    private static boolean isSized(int type, int flags, int length) {
        int padding = (flags & PADDED) != 0 ? 1 : 0;
        return switch (type) {
            case DATA -> length >= padding;
            case HEADERS -> length >= padding + ((flags & PRIORITY_FLAG) != 0 ? PRIORITY_BYTES : 0);
            case RST_STREAM, WINDOW_UPDATE -> length == 4;
            case SETTINGS -> (flags & ACK) != 0 ? length == 0 : length % 6 == 0;
            case PING -> length == 8;
            case GOAWAY -> length >= 8;
            default -> true;
        };
    }

    // Whole frames

    @Override
    public void data(int stream, ByteBuf part, int padding, boolean last, boolean endStream) {
        connection.data(part, padding, last, endStream);
    }

    @Override
    public void overPadded() {
        connection.fail(Http2Error.PROTOCOL_ERROR);
    }

    @Override
    public void frame(int type, int flags, int stream, byte[] payload, int length) {
        if ((type != HEADERS && type != CONTINUATION) || (flags & END_HEADERS) != 0) {
            finished++;
        }
        switch (type) {
            case HEADERS -> headers(flags, stream, payload, length);
            case CONTINUATION -> continuation(flags, payload, length);
            case PRIORITY -> priority(stream, payload, length);
            case RST_STREAM -> connection.reset(stream);
            case SETTINGS -> settings(flags, payload, length);
            case PING -> connection.ping(FrameReader.opaque(payload), (flags & ACK) != 0);
            case WINDOW_UPDATE -> connection.windowUpdate(stream, FrameReader.integer(payload, 0) & Integer.MAX_VALUE);
            case GOAWAY -> connection.count(Event.GOAWAY);
            default -> connection.count(Event.UNKNOWN);
        }
    }

    private void headers(int flags, int stream, byte[] payload, int length) {
        int start = 0;
        int end = length;
        if ((flags & PADDED) != 0) {
            end -= payload[0] & 0xff;
            start = 1;
        }
        boolean dependsOnItself = false;
        if ((flags & PRIORITY_FLAG) != 0) {
            dependsOnItself = (FrameReader.integer(payload, start) & Integer.MAX_VALUE) == stream;
            start += PRIORITY_BYTES;
        }
        if (start > end) {
            connection.fail(Http2Error.PROTOCOL_ERROR);
            return;
        }
        boolean endStream = (flags & END_STREAM) != 0;
        if ((flags & END_HEADERS) != 0) {
            connection.heard().headers(stream, payload, start, end, endStream, dependsOnItself);
            return;
        }
        blockStream = stream;
        blockEndsStream = endStream;
        blockDependsOnItself = dependsOnItself;
        blockLength = 0;
        continuations = 0;
        append(payload, start, end - start);
    }

    private void continuation(int flags, byte[] payload, int length) {
        append(payload, 0, length);
        if ((flags & END_HEADERS) != 0) {
            int stream = blockStream;
            byte[] whole = block;
            blockStream = 0;
            block = NO_BYTES;
            if (blockDropped) {
                blockDropped = false;
                connection.heard().drop(whole, 0, blockLength);
                return;
            }
            connection.heard().headers(stream, whole, 0, blockLength, blockEndsStream, blockDependsOnItself);
        }
    }

    private void append(byte[] payload, int start, int length) {
        if (block.length < blockLength + length) {
            block = Arrays.copyOf(block, Math.max(1024, Math.max(blockLength * 2, blockLength + length)));
        }
        System.arraycopy(payload, start, block, blockLength, length);
        blockLength += length;
    }

    private void priority(int stream, byte[] payload, int length) {
        connection.count(Event.PRIORITY);
        if (length != PRIORITY_BYTES) {
            connection.streamError(stream, Http2Error.FRAME_SIZE_ERROR);
        } else if ((FrameReader.integer(payload, 0) & Integer.MAX_VALUE) == stream) {
            connection.streamError(stream, Http2Error.PROTOCOL_ERROR);
        }
    }

    private void settings(int flags, byte[] payload, int length) {
        settled = true;
        if ((flags & ACK) != 0) {
            connection.settingsAcknowledged();
            return;
        }
        if (length > BackendFrames.MOST_SETTINGS * 6) {
            connection.life().flooded(Event.SETTINGS.why(), length / 6);
            return;
        }
        for (int at = 0; at < length; at += 6) {
            int id = (payload[at] & 0xff) << 8 | payload[at + 1] & 0xff;
            int error = connection.settings().set(id, FrameReader.integer(payload, at + 2) & 0xffffffffL);
            if (error != Http2Error.NO_ERROR) {
                connection.fail(error);
                return;
            }
        }
        connection.settingsEnd();
    }
}
