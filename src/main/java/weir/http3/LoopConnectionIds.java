package weir.http3;

import io.netty.handler.codec.quic.QuicConnectionIdGenerator;
import java.nio.ByteBuffer;

/**
 * Connection ids that begin with the number of the socket whose connection they name, so that a packet which arrives at
 * another one, because its client has a new address, finds its way: {@link PacketRouter}. Thread-safe.
 */
final class LoopConnectionIds implements QuicConnectionIdGenerator {
    /** Bytes of every id: two of the number, the rest random. */
    static final int LENGTH = 16;

    private static final int NUMBER = 2;

    private final int number;
    private final QuicConnectionIdGenerator random = QuicConnectionIdGenerator.randomGenerator();

    LoopConnectionIds(int number) {
        this.number = number;
    }

    /** The number in an id. */
    static int number(byte first, byte second) {
        return (first & 0xff) << 8 | second & 0xff;
    }

    @Override
    public ByteBuffer newId(int length) {
        ByteBuffer id = ByteBuffer.allocate(length).putShort((short) number);
        return id.put(random.newId(length - NUMBER)).flip();
    }

    @Override
    public ByteBuffer newId(ByteBuffer input, int length) {
        return newId(length);
    }

    @Override
    public ByteBuffer newId(ByteBuffer scid, ByteBuffer dcid, int length) {
        return newId(length);
    }

    @Override
    public int maxConnectionIdLength() {
        return LENGTH;
    }

    @Override
    public boolean isIdempotent() {
        return false;
    }
}
