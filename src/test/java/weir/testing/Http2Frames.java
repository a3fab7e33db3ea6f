package weir.testing;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.DefaultHttp2HeadersEncoder;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersEncoder;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Makes the bytes of frames, right ones and wrong ones, and reads header blocks. Confined to one thread. */
public final class Http2Frames {
    public static final int DATA = 0;
    public static final int HEADERS = 1;
    public static final int PRIORITY = 2;
    public static final int RST_STREAM = 3;
    public static final int SETTINGS = 4;
    public static final int PING = 6;
    public static final int GOAWAY = 7;
    public static final int WINDOW_UPDATE = 8;
    public static final int CONTINUATION = 9;

    public static final int END_STREAM = 1;
    public static final int ACK = 1;
    public static final int END_HEADERS = 4;

    private static final int MOST_PAYLOAD = 16 * 1024;
    private static final byte[] PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    private final DefaultHttp2HeadersEncoder encoder =
            new DefaultHttp2HeadersEncoder(Http2HeadersEncoder.NEVER_SENSITIVE);
    private final DefaultHttp2HeadersDecoder decoder = new DefaultHttp2HeadersDecoder(false, 1 << 20);

    /**
     * One frame. Immutable but for the array, which nobody writes to.
     */
    public record Frame(int type, int flags, int stream, byte[] payload) {
        /** Whether the flag is set. */
        public boolean has(int flag) {
            return (flags & flag) != 0;
        }

        /** Four bytes of the payload, as a number. */
        public int number(int at) {
            return ByteBuffer.wrap(payload).getInt(at);
        }

        @Override
        public String toString() {
            return "type " + type + " flags " + flags + " stream " + stream + " length " + payload.length;
        }
    }

    /** What a client begins with, its settings empty. */
    public byte[] preface() {
        return concat(PREFACE, frame(SETTINGS, 0, 0));
    }

    /** Any frame. */
    public byte[] frame(int type, int flags, int stream, byte... payload) {
        return ByteBuffer.allocate(9 + payload.length)
                .put((byte) (payload.length >> 16))
                .putShort((short) payload.length)
                .put((byte) type)
                .put((byte) flags)
                .putInt(stream)
                .put(payload)
                .array();
    }

    /** A header block of names and values in turn, in this order. */
    public byte[] block(String... fields) {
        // One block for each field, as Netty would sort pseudo-header fields to the front.
        byte[] all = {};
        for (int i = 0; i < fields.length; i += 2) {
            Http2Headers one = new DefaultHttp2Headers(false).add(fields[i], fields[i + 1]);
            ByteBuf out = Unpooled.buffer();
            try {
                encoder.encodeHeaders(1, one, out);
            } catch (Http2Exception e) {
                throw new IllegalStateException(e);
            }
            all = concat(all, ByteBufUtil.getBytes(out));
        }
        return all;
    }

    /** A HEADERS frame with a whole block, and CONTINUATION frames where it takes more than one. */
    public byte[] headers(int stream, boolean end, String... fields) {
        byte[] block = block(fields);
        byte[] all = {};
        int at = 0;
        do {
            int to = Math.min(block.length, at + MOST_PAYLOAD);
            int flags = (to == block.length ? END_HEADERS : 0) | (end && at == 0 ? END_STREAM : 0);
            all = concat(
                    all, frame(at == 0 ? HEADERS : CONTINUATION, flags, stream, Arrays.copyOfRange(block, at, to)));
            at = to;
        } while (at < block.length);
        return all;
    }

    /** A whole request of a table. */
    public byte[] request(int stream, List<MuxSmugglingTable.Part> parts) {
        byte[] all = {};
        for (MuxSmugglingTable.Part part : parts) {
            List<String> fields = part.fields();
            all = concat(
                    all,
                    fields == null
                            ? data(stream, part.last(), part.data())
                            : headers(stream, part.last(), fields.toArray(String[]::new)));
        }
        return all;
    }

    /** A GET, whole, with more fields. */
    public byte[] get(int stream, String path, String... more) {
        List<String> fields =
                new ArrayList<>(List.of(":method", "GET", ":scheme", "http", ":authority", "a.test", ":path", path));
        fields.addAll(List.of(more));
        return headers(stream, true, fields.toArray(String[]::new));
    }

    /** A POST whose body is to come, with more fields. */
    public byte[] post(int stream, String path, String... more) {
        List<String> fields =
                new ArrayList<>(List.of(":method", "POST", ":scheme", "http", ":authority", "a.test", ":path", path));
        fields.addAll(List.of(more));
        return headers(stream, false, fields.toArray(String[]::new));
    }

    /** A DATA frame. */
    public byte[] data(int stream, boolean end, String text) {
        return frame(DATA, end ? END_STREAM : 0, stream, text.getBytes(StandardCharsets.ISO_8859_1));
    }

    /** A frame whose payload is one number, such as RST_STREAM or WINDOW_UPDATE. */
    public byte[] number(int type, int stream, int number) {
        return frame(type, 0, stream, ByteBuffer.allocate(4).putInt(number).array());
    }

    /** A SETTINGS frame with one setting. */
    public byte[] setting(int id, int value) {
        return frame(
                SETTINGS,
                0,
                0,
                ByteBuffer.allocate(6).putShort((short) id).putInt(value).array());
    }

    /** The fields of a block received, as {@code name: value}; every block must be read, in order. */
    public List<String> fields(byte[] block) {
        List<String> fields = new ArrayList<>();
        try {
            decoder.decodeHeaders(1, Unpooled.wrappedBuffer(block))
                    .forEach(field -> fields.add(field.getKey() + ": " + field.getValue()));
        } catch (Http2Exception e) {
            throw new IllegalStateException(e);
        }
        return fields;
    }

    /** Several pieces as one. */
    public static byte[] concat(byte[]... pieces) {
        int length = 0;
        for (byte[] piece : pieces) {
            length += piece.length;
        }
        ByteBuffer all = ByteBuffer.allocate(length);
        for (byte[] piece : pieces) {
            all.put(piece);
        }
        return all.array();
    }
}
