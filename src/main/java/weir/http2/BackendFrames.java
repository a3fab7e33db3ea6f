package weir.http2;

import io.netty.buffer.ByteBuf;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import weir.http.BackendFailure;
import weir.http.FloodGuard.Event;

/**
 * What the frames of a backend mean (RFC 9113 section 6), for a client that allows no push. Whatever breaks the rules of
 * the connection ends it; what is a stream's own mistake ends that stream. Frames that carry nothing are
 * {@linkplain weir.http.FloodGuard limited}. Confined to one event loop.
 */
final class BackendFrames implements FrameReader.Listener {
    /** How much a backend may send on all streams before it hears that it arrived; given back at once. */
    static final int WINDOW = WindowGrowth.MOST;

    private static final int MOST_CONTINUATIONS = 16;

    /** Entries of a SETTINGS frame: there are seven kinds, and each counts once. */
    static final int MOST_SETTINGS = 32;

    private static final byte[] NO_BYTES = {};

    private final Http2BackendHandler connection;
    private final BackendStreams streams;
    private final ResponseBlock response;
    private final HpackDecoder decoder = new HpackDecoder();
    private final int mostBlock;
    private int arrived;

    /** Whether the current DATA frame had payload so far. */
    private boolean carries;

    private boolean settled;

    private byte[] block = NO_BYTES;
    private int blockBytes;
    private int blockStream;
    private boolean blockEndsStream;
    private int continuations;

    BackendFrames(Http2BackendHandler connection, int headLimit) {
        this.connection = connection;
        this.streams = connection.streams();
        this.response = new ResponseBlock(headLimit);
        this.mostBlock = (int) Math.min(Integer.MAX_VALUE, 2L * headLimit + FrameReader.MOST_PAYLOAD);
    }

    @Override
    public boolean begin(int type, int flags, int stream, int length) {
        if (!settled && type != FrameReader.SETTINGS) {
            return wrong(Http2Error.PROTOCOL_ERROR, "no settings came first: it does not speak HTTP/2");
        }
        if (length > FrameReader.MOST_PAYLOAD) {
            return wrong(Http2Error.FRAME_SIZE_ERROR, "a frame is too large");
        }
        if (blockStream != 0 && (type != FrameReader.CONTINUATION || stream != blockStream)) {
            return wrong(Http2Error.PROTOCOL_ERROR, "a header block is interrupted");
        }
        return type == FrameReader.DATA ? dataBegins(stream, length) : counted(type, stream, length);
    }

    private boolean counted(int type, int stream, int length) {
        return switch (type) {
            case FrameReader.HEADERS -> streams.find(stream) != null || connection.count(Event.LATE_HEADERS);
            case FrameReader.CONTINUATION -> length > 0 || connection.count(Event.CONTINUATION);
            case FrameReader.RST_STREAM ->
                streams.find(stream) != null || connection.resetByBackend(stream) || connection.count(Event.LATE_RESET);
            case FrameReader.SETTINGS -> connection.count(Event.SETTINGS);
            case FrameReader.PING -> connection.count(Event.PING);
            case FrameReader.PRIORITY -> connection.count(Event.PRIORITY);
            case FrameReader.WINDOW_UPDATE -> connection.count(Event.WINDOW_UPDATE);
            case FrameReader.GOAWAY -> connection.count(Event.GOAWAY);
            default -> connection.count(Event.UNKNOWN);
        };
    }

    private boolean wrong(int code, String why) {
        connection.wrong(code, why);
        return false;
    }

    // DATA

    private boolean dataBegins(int id, int length) {
        if (!streams.opened(id)) {
            return wrong(Http2Error.PROTOCOL_ERROR, "data comes on a stream that was not opened");
        }
        arrived += length;
        if (arrived >= WINDOW / 2) {
            connection.writer().windowUpdate(0, arrived);
            arrived = 0;
        }
        carries = false;
        Http2BackendStream stream = streams.find(id);
        if (stream != null && !stream.response().body().arrived(length)) {
            stream.response().reject(BackendFailure.INVALID_RESPONSE);
        }
        return true;
    }

    @Override
    public void data(int id, ByteBuf part, int padding, boolean last, boolean endStream) {
        boolean hasBytes = part.isReadable();
        Http2BackendStream stream = streams.find(id);
        if (hasBytes && !carries && stream != null) {
            connection.count(Event.PAYLOAD);
        }
        carries |= hasBytes;
        if (stream == null) {
            part.release(); // of a stream that was given up
        } else {
            stream.response().data(part, padding, endStream);
        }
        if (last && !carries && !endStream) {
            connection.count(Event.EMPTY_DATA);
        }
    }

    @Override
    public void overPadded() {
        wrong(Http2Error.PROTOCOL_ERROR, "a frame has more padding than bytes");
    }

    // The others

    @Override
    public void frame(int type, int flags, int stream, byte[] payload, int length) {
        switch (type) {
            case FrameReader.HEADERS -> headers(flags, stream, payload, length);
            case FrameReader.CONTINUATION -> continuation(flags, stream, payload, length);
            case FrameReader.RST_STREAM -> reset(stream, payload, length);
            case FrameReader.SETTINGS -> settings(flags, stream, payload, length);
            case FrameReader.PUSH_PROMISE -> wrong(Http2Error.PROTOCOL_ERROR, "a push was not allowed");
            case FrameReader.PING -> ping(flags, stream, payload, length);
            case FrameReader.GOAWAY -> goAway(stream, payload, length);
            case FrameReader.WINDOW_UPDATE -> windowUpdate(stream, payload, length);
            default -> {} // PRIORITY, and what RFC 9113 section 5.5 wants to be ignored
        }
    }

    private void headers(int flags, int id, byte[] payload, int length) {
        int from = 0;
        int to = length;
        if ((flags & FrameReader.PADDED) != 0) {
            to -= length > 0 ? payload[0] & 0xff : 1;
            from = 1;
        }
        from += (flags & FrameReader.PRIORITY_FLAG) != 0 ? 5 : 0;
        if (from > to || !streams.opened(id)) {
            wrong(
                    Http2Error.PROTOCOL_ERROR,
                    from > to ? "a frame has more padding than bytes" : "a response was not asked for");
            return;
        }
        blockStream = id;
        blockEndsStream = (flags & FrameReader.END_STREAM) != 0;
        blockBytes = 0;
        continuations = 0;
        if ((flags & FrameReader.END_HEADERS) != 0) {
            decode(payload, from, to);
        } else {
            gather(payload, from, to);
        }
    }

    private void continuation(int flags, int id, byte[] payload, int length) {
        if (blockStream == 0 || id != blockStream) {
            wrong(Http2Error.PROTOCOL_ERROR, "a header block goes on that did not begin");
        } else if (++continuations > MOST_CONTINUATIONS) {
            connection.flooded(Event.CONTINUATION.why(), continuations);
        } else if (gather(payload, 0, length) && (flags & FrameReader.END_HEADERS) != 0) {
            byte[] whole = block;
            block = NO_BYTES;
            decode(whole, 0, blockBytes);
        }
    }

    private boolean gather(byte[] payload, int from, int to) {
        int bytes = to - from;
        if (blockBytes + bytes > mostBlock) {
            Http2BackendStream stream = streams.find(blockStream);
            if (stream != null) {
                stream.response().fail(BackendFailure.HEAD_TOO_LARGE);
            }
            return wrong(Http2Error.ENHANCE_YOUR_CALM, "a header block is too large");
        }
        if (block.length < blockBytes + bytes) {
            block = Arrays.copyOf(block, Math.max(blockBytes + bytes, block.length * 2));
        }
        System.arraycopy(payload, from, block, blockBytes, bytes);
        blockBytes += bytes;
        return true;
    }

    private void decode(byte[] whole, int from, int to) {
        Http2BackendStream stream = streams.find(blockStream);
        blockStream = 0;
        if (stream == null) {
            response.discard(); // of a stream that was given up; the table depends on it all the same
        } else {
            stream.response().beginBlock(response);
        }
        if (!decoder.decode(whole, from, to, response)) {
            wrong(Http2Error.COMPRESSION_ERROR, "a header block cannot be decoded");
        } else if (stream != null) {
            stream.response().endBlock(response, blockEndsStream);
        }
    }

    private void reset(int id, byte[] payload, int length) {
        if (length != 4) {
            wrong(Http2Error.FRAME_SIZE_ERROR, "a reset has the wrong size");
        } else if (!streams.opened(id)) {
            wrong(Http2Error.PROTOCOL_ERROR, "a stream is reset that was not opened");
        } else {
            @Nullable Http2BackendStream stream = streams.find(id);
            if (stream != null) {
                boolean refused = FrameReader.integer(payload, 0) == Http2Error.REFUSED_STREAM;
                stream.response().reset(refused ? BackendFailure.REFUSED : BackendFailure.RESET);
            }
        }
    }

    private void settings(int flags, int id, byte[] payload, int length) {
        boolean ack = (flags & FrameReader.ACK) != 0;
        if (id != 0 || (ack && !settled)) {
            wrong(Http2Error.PROTOCOL_ERROR, "settings are out of place");
        } else if (ack ? length != 0 : length % 6 != 0) {
            wrong(Http2Error.FRAME_SIZE_ERROR, "settings have the wrong size");
        } else if (length > MOST_SETTINGS * 6) {
            connection.flooded(Event.SETTINGS.why(), length / 6);
        } else if (!ack) {
            for (int at = 0; at < length; at += 6) {
                int setting = (payload[at] & 0xff) << 8 | payload[at + 1] & 0xff;
                if (!connection.peer().set(setting, FrameReader.integer(payload, at + 2))) {
                    wrong(connection.peer().error(), "a setting has a forbidden value");
                    return;
                }
            }
            if (!connection.peer().apply()) {
                wrong(connection.peer().error(), "a window is set beyond what there can be");
                return;
            }
            connection.writer().settingsAck();
            settled = true;
            connection.settled();
        }
    }

    private void ping(int flags, int id, byte[] payload, int length) {
        if (length != 8 || id != 0) {
            wrong(length != 8 ? Http2Error.FRAME_SIZE_ERROR : Http2Error.PROTOCOL_ERROR, "a ping is malformed");
        } else if ((flags & FrameReader.ACK) != 0) {
            connection.pingAnswered(FrameReader.opaque(payload));
        } else {
            connection.writer().ping(FrameReader.opaque(payload), true);
        }
    }

    private void goAway(int id, byte[] payload, int length) {
        if (length < 8 || id != 0) {
            wrong(length < 8 ? Http2Error.FRAME_SIZE_ERROR : Http2Error.PROTOCOL_ERROR, "a goaway is malformed");
        } else {
            connection.goAway(FrameReader.integer(payload, 0) & Integer.MAX_VALUE);
        }
    }

    private void windowUpdate(int id, byte[] payload, int length) {
        if (length != 4) {
            wrong(Http2Error.FRAME_SIZE_ERROR, "a window update has the wrong size");
            return;
        }
        int bytes = FrameReader.integer(payload, 0) & Integer.MAX_VALUE;
        if (id == 0) {
            if (bytes == 0 || !streams.open(bytes)) {
                wrong(
                        bytes == 0 ? Http2Error.PROTOCOL_ERROR : Http2Error.FLOW_CONTROL_ERROR,
                        "the connection's window is set wrongly");
            }
        } else if (!streams.opened(id)) {
            wrong(Http2Error.PROTOCOL_ERROR, "a window is of a stream that was not opened");
        } else {
            Http2BackendStream stream = streams.find(id);
            if (stream != null && (bytes == 0 || !stream.windowMoved(bytes))) {
                stream.response().reject(BackendFailure.INVALID_RESPONSE);
            }
        }
    }
}
