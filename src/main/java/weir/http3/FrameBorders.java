package weir.http3;

import io.netty.buffer.ByteBuf;

/**
 * Follows the frames of a request stream (RFC 9114 section 7.1) to know whether a stream that ends does so between two
 * of them: the codec below would take half a DATA frame for the end of a body. Confined to one event loop.
 */
final class FrameBorders {
    private boolean lengthNext;
    private int digits;
    private long value;
    private long payload;

    /** Follows bytes, which it does not consume. */
    void follow(ByteBuf bytes) {
        int at = bytes.readerIndex();
        int end = bytes.writerIndex();
        while (at < end) {
            if (payload > 0) {
                long passed = Math.min(payload, end - at);
                payload -= passed;
                at += (int) passed;
            } else {
                number(bytes.getByte(at++));
            }
        }
    }

    /** A variable-length integer (RFC 9000 section 16): the type of a frame, then the length of its payload. */
    private void number(byte b) {
        if (digits == 0) {
            digits = 1 << (b >> 6 & 3);
            value = b & 0x3f;
        } else {
            value = value << 8 | b & 0xff;
        }
        if (--digits == 0) {
            if (lengthNext) {
                payload = value;
            }
            lengthNext = !lengthNext;
        }
    }

    /** Whether the last frame is complete. */
    boolean between() {
        return payload == 0 && !lengthNext && digits == 0;
    }
}
