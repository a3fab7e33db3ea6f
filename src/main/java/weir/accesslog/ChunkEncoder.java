package weir.accesslog;

import ch.qos.logback.core.encoder.EncoderBase;
import java.util.Arrays;

/** What Logback asks for where it does not write a chunk itself: the bytes as they are. */
final class ChunkEncoder extends EncoderBase<LineBuffer> {
    private static final byte[] NOTHING = {};

    @Override
    public byte[] headerBytes() {
        return NOTHING;
    }

    @Override
    public byte[] encode(LineBuffer chunk) {
        return Arrays.copyOf(chunk.array(), chunk.length());
    }

    @Override
    public byte[] footerBytes() {
        return NOTHING;
    }
}
