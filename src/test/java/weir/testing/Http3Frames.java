package weir.testing;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Makes the bytes of HTTP/3 frames (RFC 9114 section 7), right ones and wrong ones. Stateless. */
public final class Http3Frames {
    private static final int DATA = 0;
    private static final int HEADERS = 1;
    private static final int PUSH_PROMISE = 5;

    private Http3Frames() {}

    /** Any frame. */
    public static byte[] frame(long type, byte[] payload) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        number(out, type);
        number(out, payload.length);
        out.writeBytes(payload);
        return out.toByteArray();
    }

    /** A DATA frame. */
    public static byte[] data(String text) {
        return frame(DATA, text.getBytes(StandardCharsets.ISO_8859_1));
    }

    /** A HEADERS frame of names and values in turn, in this order. */
    public static byte[] section(List<String> fields) {
        return frame(HEADERS, block(fields, 0));
    }

    /** A PUSH_PROMISE frame of names and values in turn. */
    public static byte[] promise(List<String> fields) {
        return frame(PUSH_PROMISE, block(fields, 1));
    }

    /** Behind so many bytes, each field as a literal (RFC 9204 section 4.5.6). */
    private static byte[] block(List<String> fields, int behind) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(new byte[behind]);
        out.write(0);
        out.write(0);
        for (int i = 0; i < fields.size(); i++) {
            byte[] text = fields.get(i).getBytes(StandardCharsets.ISO_8859_1);
            boolean name = i % 2 == 0;
            length(out, name ? 0x20 : 0, name ? 7 : 127, text.length);
            out.writeBytes(text);
        }
        return out.toByteArray();
    }

    /** An integer with a prefix (RFC 7541 section 5.1). */
    private static void length(ByteArrayOutputStream out, int flags, int most, int value) {
        if (value < most) {
            out.write(flags | value);
            return;
        }
        out.write(flags | most);
        int rest = value - most;
        while (rest >= 128) {
            out.write(rest & 127 | 128);
            rest >>= 7;
        }
        out.write(rest);
    }

    /** An integer of QUIC (RFC 9000 section 16). */
    private static void number(ByteArrayOutputStream out, long value) {
        int bytes = value < 1L << 6 ? 1 : value < 1L << 14 ? 2 : value < 1L << 30 ? 4 : 8;
        long all = value | (long) Integer.numberOfTrailingZeros(bytes) << (bytes * 8 - 2);
        for (int i = bytes - 1; i >= 0; i--) {
            out.write((int) (all >> (8 * i)));
        }
    }
}
