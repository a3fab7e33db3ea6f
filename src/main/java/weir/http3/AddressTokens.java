package weir.http3;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.quic.Quic;
import io.netty.handler.codec.quic.QuicTokenHandler;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Tokens of Retry packets (RFC 9000 section 8.1.2): a client that sends one back does receive at the address it sends
 * from. A token holds its time and the first connection id under an HMAC with the address, so that nothing is kept for
 * a client before it has proven that. Confined to one event loop.
 */
final class AddressTokens implements QuicTokenHandler {
    private static final String ALGORITHM = "HmacSHA256";
    private static final int MAC = 16;
    private static final int TIME = 8;
    private static final long LIFETIME_MILLIS = 15_000;

    private final Mac mac;
    private final BooleanSupplier wanted;
    private final LongSupplier clock;

    /**
     * Tokens under that key.
     *
     * @param wanted whether a client that comes now has to prove its address first
     * @param clock milliseconds
     */
    AddressTokens(byte[] key, BooleanSupplier wanted, LongSupplier clock) {
        try {
            mac = Mac.getInstance(ALGORITHM);
            mac.init(new SecretKeySpec(key, ALGORITHM));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e); // every Java has it
        }
        this.wanted = wanted;
        this.clock = clock;
    }

    @Override
    public boolean writeToken(ByteBuf out, ByteBuf dcid, InetSocketAddress address) {
        if (!wanted.getAsBoolean()) {
            return false;
        }
        byte[] id = new byte[dcid.readableBytes()];
        dcid.getBytes(dcid.readerIndex(), id);
        long now = clock.getAsLong();
        out.writeLong(now).writeBytes(sign(now, id, address), 0, MAC).writeBytes(id);
        return true;
    }

    @Override
    public int validateToken(ByteBuf token, InetSocketAddress address) {
        int length = token.readableBytes();
        if (length < TIME + MAC || length > maxTokenLength()) {
            return -1;
        }
        int start = token.readerIndex();
        long time = token.getLong(start);
        long age = clock.getAsLong() - time;
        if (age < 0 || age > LIFETIME_MILLIS) {
            return -1;
        }
        byte[] sent = new byte[MAC];
        byte[] id = new byte[length - TIME - MAC];
        token.getBytes(start + TIME, sent);
        token.getBytes(start + TIME + MAC, id);
        byte[] right = java.util.Arrays.copyOf(sign(time, id, address), MAC);
        return MessageDigest.isEqual(sent, right) ? TIME + MAC : -1;
    }

    private byte[] sign(long time, byte[] id, InetSocketAddress address) {
        ByteBuffer numbers = ByteBuffer.allocate(TIME + 2 + 1);
        numbers.putLong(time).putShort((short) address.getPort()).put((byte) id.length);
        mac.update(numbers.array());
        mac.update(id);
        return mac.doFinal(address.getAddress().getAddress());
    }

    @Override
    public int maxTokenLength() {
        return TIME + MAC + Quic.MAX_CONN_ID_LEN;
    }
}
