package weir.tcp;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Looks for the server name in the first bytes of a TLS connection, without taking them (RFC 8446 section 4.1.2, RFC
 * 6066 section 3). Whatever is not a well-formed client hello of at most 16 KiB has no name: who gets the bytes will
 * answer them. Confined to one event loop.
 */
final class ClientHello {
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
                serverName = name(gather(in, wanted));
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

    /** The hello without the headers of the records it came in. */
    private static byte[] gather(ByteBuf in, int length) {
        byte[] hello = new byte[length];
        int at = in.readerIndex();
        for (int have = 0; have < length; ) {
            int part = Math.min(in.getUnsignedShort(at + 3), length - have);
            in.getBytes(at + RECORD_HEADER, hello, have, part);
            have += part;
            at += RECORD_HEADER + part;
        }
        return hello;
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

    private static @Nullable String name(byte[] hello) {
        Vector message = new Vector(hello, HANDSHAKE_HEADER, hello.length);
        message.skip(2 + 32); // version, random
        message.vector(1); // session id
        message.vector(2); // cipher suites
        message.vector(1); // compression methods
        Vector extensions = message.vector(2);
        while (extensions.left() > 0) {
            int type = extensions.number(2);
            Vector extension = extensions.vector(2);
            if (type == 0) {
                return hostName(extension.vector(2));
            }
        }
        return null;
    }

    private static @Nullable String hostName(Vector names) {
        while (names.left() > 0) {
            int type = names.number(1);
            Vector name = names.vector(2);
            if (type == 0) {
                return name.text();
            }
        }
        return null;
    }

    /** A part of the hello that is read from its start. What is too short reads as nothing. */
    private static final class Vector {
        private final byte[] bytes;
        private final int end;
        private int at;

        Vector(byte[] bytes, int start, int end) {
            this.bytes = bytes;
            this.at = start;
            this.end = end;
        }

        int left() {
            return end - at;
        }

        void skip(int length) {
            at = Math.min(end, at + length);
        }

        int number(int length) {
            if (left() < length) {
                at = end;
                return -1;
            }
            int value = 0;
            for (int i = 0; i < length; i++) {
                value = value << 8 | bytes[at++] & 0xff;
            }
            return value;
        }

        /** The vector that starts here with its length; an empty one when that reaches too far. */
        Vector vector(int lengthBytes) {
            int length = number(lengthBytes);
            int start = length < 0 || length > left() ? end : at;
            at = length < 0 || length > left() ? end : at + length;
            return new Vector(bytes, start, at);
        }

        /** The text as a host name; null when it is none. */
        @Nullable
        String text() {
            int length = left();
            if (length > 0 && bytes[end - 1] == '.') {
                length--;
            }
            if (length == 0 || length > 253) {
                return null;
            }
            for (int i = at; i < at + length; i++) {
                int c = bytes[i];
                if (c <= ' ' || c > '~') {
                    return null;
                }
            }
            return new String(bytes, at, length, StandardCharsets.US_ASCII).toLowerCase(Locale.ROOT);
        }
    }
}
