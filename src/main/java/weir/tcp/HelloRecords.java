package weir.tcp;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.jspecify.annotations.Nullable;
import weir.tls.ClientHello;

/**
 * Looks for the client hello in the first bytes of a TLS connection, without taking them (RFC 8446 section 5.1), and for
 * the server name in it. Whatever is not a well-formed client hello of at most 16 KiB has no name: who gets the bytes will
 * answer them. Confined to one event loop.
 */
final class HelloRecords {
    /** The longest hello that is read. */
    static final int LONGEST = 16 * 1024;

    private static final int HANDSHAKE = 22;
    private static final int CLIENT_HELLO = 1;
    private static final int RECORD_HEADER = 5;
    private static final int HANDSHAKE_HEADER = 4;
    /** A hello comes in one record, a large one in a few: many are somebody's game. */
    private static final int MOST_RECORDS = 16;

    private @Nullable String serverName;

    /**
     * Looks at all bytes received so far, from the reader index on.
     *
     * @return whether nothing more has to come: {@link #serverName()} is known
     */
    boolean read(ByteBuf in) {
        int wanted = -1;
        int have = 0;
        int at = in.readerIndex();
        for (int records = 0; records < MOST_RECORDS; records++) {
            int left = in.writerIndex() - at;
            if (!isRecord(in, at, left)) {
                return true;
            }
            if (left < RECORD_HEADER + (wanted < 0 ? HANDSHAKE_HEADER : 1)) {
                return false;
            }
            int length = in.getUnsignedShort(at + 3);
            if (wanted < 0) {
                wanted = length < HANDSHAKE_HEADER ? -1 : helloLength(in, at + RECORD_HEADER);
            }
            if (wanted < 0 || length == 0) {
                return true;
            }
            have += length;
            if (left < RECORD_HEADER + length && left - RECORD_HEADER < wanted - have + length) {
                return false;
            }
            if (have >= wanted) {
                serverName = ClientHello.parse(gather(in, wanted)).serverName();
                return true;
            }
            at += RECORD_HEADER + length;
        }
        return true;
    }

    /** The length of the hello that begins there with its header; -1 when it is none, or too long. */
    private static int helloLength(ByteBuf in, int at) {
        int length = HANDSHAKE_HEADER + in.getUnsignedMedium(at + 1);
        return in.getByte(at) != CLIENT_HELLO || length > LONGEST ? -1 : length;
    }

    /** The hello without its own header and those of the records it came in. */
    private static ByteBuf gather(ByteBuf in, int length) {
        byte[] hello = new byte[length];
        int at = in.readerIndex();
        for (int have = 0; have < length; ) {
            int part = Math.min(in.getUnsignedShort(at + 3), length - have);
            in.getBytes(at + RECORD_HEADER, hello, have, part);
            have += part;
            at += RECORD_HEADER + part;
        }
        return Unpooled.wrappedBuffer(hello, HANDSHAKE_HEADER, length - HANDSHAKE_HEADER);
    }

    /** The name asked for, in lower case; null for none. */
    @Nullable
    String serverName() {
        return serverName;
    }

    /** Whether what there is agrees with the header of a handshake record of TLS 1.x. */
    private static boolean isRecord(ByteBuf in, int at, int left) {
        return (left < 1 || in.getByte(at) == HANDSHAKE) && (left < 2 || in.getByte(at + 1) == 3);
    }
}
