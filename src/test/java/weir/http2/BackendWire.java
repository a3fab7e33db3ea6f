package weir.http2;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.DefaultHttp2HeadersEncoder;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The backend's end of a connection: sends frames and writes down what it gets, by Netty's HPACK so that a mistake of
 * ours does not go unnoticed. Confined to the test's thread.
 */
final class BackendWire {
    private static final String[] TYPES = {
        "DATA",
        "HEADERS",
        "PRIORITY",
        "RST_STREAM",
        "SETTINGS",
        "PUSH_PROMISE",
        "PING",
        "GOAWAY",
        "WINDOW_UPDATE",
        "CONTINUATION"
    };
    private static final int PREFACE_BYTES = 24;

    private final EmbeddedChannel channel;
    private final DefaultHttp2HeadersEncoder encoder = new DefaultHttp2HeadersEncoder();
    private final DefaultHttp2HeadersDecoder decoder = new DefaultHttp2HeadersDecoder(true, 1 << 20);
    private final ByteBuf unread = Unpooled.buffer();
    private boolean greeted;
    private @Nullable ByteBuf read;

    BackendWire(EmbeddedChannel channel) {
        this.channel = channel;
    }

    // What the backend sends

    void settings(int... settings) {
        ByteBuf payload = Unpooled.buffer();
        for (int i = 0; i < settings.length; i += 2) {
            payload.writeShort(settings[i]).writeInt(settings[i + 1]);
        }
        frame(4, 0, 0, payload);
    }

    void headers(int stream, boolean end, String... fields) {
        frame(1, end ? 5 : 4, stream, block(fields));
    }

    ByteBuf block(String... fields) {
        Http2Headers headers = new DefaultHttp2Headers(false);
        for (int i = 0; i < fields.length; i += 2) {
            headers.add(fields[i], fields[i + 1]);
        }
        ByteBuf block = Unpooled.buffer();
        try {
            encoder.encodeHeaders(1, headers, block);
        } catch (Http2Exception e) {
            throw new AssertionError(e);
        }
        return block;
    }

    void data(int stream, boolean end, String text) {
        frame(0, end ? 1 : 0, stream, Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1));
    }

    void data(int stream, int bytes) {
        frame(0, 0, stream, Unpooled.wrappedBuffer(new byte[bytes]));
    }

    void reset(int stream, int code) {
        frame(3, 0, stream, Unpooled.buffer().writeInt(code));
    }

    void goAway(int last, int code) {
        frame(7, 0, 0, Unpooled.buffer().writeInt(last).writeInt(code));
    }

    void windowUpdate(int stream, int bytes) {
        frame(8, 0, stream, Unpooled.buffer().writeInt(bytes));
    }

    /** What these send arrives in one read. */
    void inOneRead(Runnable frames) {
        ByteBuf all = channel.alloc().buffer();
        read = all;
        frames.run();
        read = null;
        channel.writeInbound(all);
    }

    void frame(int type, int flags, int stream, ByteBuf payload) {
        ByteBuf gathered = read;
        ByteBuf out = gathered == null ? channel.alloc().buffer() : gathered;
        out.writeMedium(payload.readableBytes())
                .writeByte(type)
                .writeByte(flags)
                .writeInt(stream);
        out.writeBytes(payload);
        payload.release();
        if (gathered != null) {
            return;
        }
        if (channel.isOpen()) {
            channel.writeInbound(out);
        } else {
            out.release();
        }
    }

    // What it gets

    /** The frames since the last call: type, stream, {@code end}, content. */
    List<String> received() {
        channel.runPendingTasks();
        for (ByteBuf out = channel.readOutbound(); out != null; out = channel.readOutbound()) {
            unread.writeBytes(out);
            out.release();
        }
        if (!greeted && unread.readableBytes() >= PREFACE_BYTES) {
            unread.skipBytes(PREFACE_BYTES);
            greeted = true;
        }
        List<String> frames = new ArrayList<>();
        while (unread.isReadable()) {
            frames.add(frame());
        }
        return frames;
    }

    private String frame() {
        int length = unread.readUnsignedMedium();
        int type = unread.readUnsignedByte();
        int flags = unread.readUnsignedByte();
        int stream = unread.readInt();
        ByteBuf payload = unread.readSlice(length);
        String head = TYPES[type] + ' ' + stream + (type <= 1 && (flags & 1) != 0 ? " end" : "");
        return switch (type) {
            case 0 ->
                head + (length > 64 ? " " + length + " bytes" : ' ' + payload.toString(StandardCharsets.ISO_8859_1));
            case 1 -> head + fields(payload);
            case 3, 8 -> head + ' ' + payload.readInt();
            case 7 -> head + ' ' + payload.getInt(4);
            case 4, 6 -> head + ((flags & 1) != 0 ? " ack" : "");
            default -> head;
        };
    }

    private String fields(ByteBuf block) {
        StringBuilder text = new StringBuilder();
        try {
            for (Map.Entry<CharSequence, CharSequence> field : decoder.decodeHeaders(1, block)) {
                text.append(' ').append(field.getKey()).append('=').append(field.getValue());
            }
        } catch (Http2Exception e) {
            throw new AssertionError(e);
        }
        return text.toString();
    }
}
