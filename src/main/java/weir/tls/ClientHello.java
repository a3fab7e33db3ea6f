package weir.tls;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * What a client says of itself before anything else (RFC 8446 section 4.1.2): the name it wants, and what it can.
 * Immutable.
 *
 * @param serverName in lower case; null when it asks for none
 * @param tls13 whether it offers TLS 1.3
 * @param ecdsa whether it can verify a signature by an elliptic curve
 * @param rsa whether it can verify one by RSA
 */
public record ClientHello(@Nullable String serverName, boolean tls13, boolean ecdsa, boolean rsa) {
    /** A client of which nothing is known. */
    public static final ClientHello UNKNOWN = new ClientHello(null, false, true, true);

    private static final int SERVER_NAME = 0;
    private static final int SIGNATURE_ALGORITHMS = 13;
    private static final int SUPPORTED_VERSIONS = 43;
    private static final int TLS_1_3 = 0x0304;
    private static final int LONGEST_NAME = 254; // 253 and a dot

    /**
     * Reads a hello, without the headers of record and message. One that breaks off says what it said until then: the
     * handshake itself will refuse it.
     */
    public static ClientHello parse(@Nullable ByteBuf hello) {
        Reading reading = new Reading();
        if (hello != null) {
            try {
                reading.read(hello.slice());
            } catch (IndexOutOfBoundsException e) {
                return UNKNOWN;
            }
        }
        return reading.result();
    }

    /** The hello as far as it is read. */
    private static final class Reading {
        private @Nullable String serverName;
        private boolean tls13;
        private boolean ecdsaSuites;
        private boolean rsaSuites;
        private boolean signatures;
        private boolean ecdsaSignatures;
        private boolean rsaSignatures;
        private boolean pssSignatures;

        void read(ByteBuf in) {
            in.skipBytes(2 + 32); // version and random
            in.skipBytes(in.readUnsignedByte()); // session id
            suites(in.readSlice(in.readUnsignedShort()));
            in.skipBytes(in.readUnsignedByte()); // compression
            if (in.isReadable()) {
                ByteBuf extensions = in.readSlice(in.readUnsignedShort());
                while (extensions.isReadable()) {
                    int type = extensions.readUnsignedShort();
                    extension(type, extensions.readSlice(extensions.readUnsignedShort()));
                }
            }
        }

        private void suites(ByteBuf suites) {
            while (suites.isReadable()) {
                switch (suites.readUnsignedShort()) {
                    case 0xc02b, 0xc02c, 0xcca9 -> ecdsaSuites = true; // ECDHE_ECDSA that is enabled here
                    case 0xc02f, 0xc030, 0xcca8 -> rsaSuites = true; // ECDHE_RSA
                    default -> {}
                }
            }
        }

        private void extension(int type, ByteBuf data) {
            switch (type) {
                case SERVER_NAME -> {
                    if (data.isReadable()) {
                        serverName(data.readSlice(data.readUnsignedShort()));
                    }
                }
                case SIGNATURE_ALGORITHMS -> signatures(data.readSlice(data.readUnsignedShort()));
                case SUPPORTED_VERSIONS -> {
                    ByteBuf versions = data.readSlice(data.readUnsignedByte());
                    while (versions.isReadable()) {
                        tls13 |= versions.readUnsignedShort() == TLS_1_3;
                    }
                }
                default -> {}
            }
        }

        /** RFC 6066 section 3: one host name at most. */
        private void serverName(ByteBuf names) {
            while (names.isReadable() && serverName == null) {
                int type = names.readUnsignedByte();
                ByteBuf name = names.readSlice(names.readUnsignedShort());
                if (type == 0 && isHost(name)) {
                    serverName = ServerNameText.normalized(name.toString(StandardCharsets.US_ASCII));
                }
            }
        }

        private static boolean isHost(ByteBuf name) {
            for (int i = name.readerIndex(); i < name.writerIndex(); i++) {
                byte b = name.getByte(i);
                if (b <= ' ' || b == 0x7f) {
                    return false;
                }
            }
            return name.isReadable() && name.readableBytes() <= LONGEST_NAME;
        }

        private void signatures(ByteBuf schemes) {
            signatures = true;
            while (schemes.isReadable()) {
                int scheme = schemes.readUnsignedShort();
                switch (scheme) {
                    case 0x0403, 0x0503, 0x0603 -> ecdsaSignatures = true;
                    case 0x0401, 0x0501, 0x0601 -> rsaSignatures = true;
                    case 0x0804, 0x0805, 0x0806 -> pssSignatures = true;
                    default -> {}
                }
            }
        }

        ClientHello result() {
            // In TLS 1.3 signatures alone tell, before it suites must go with them; without a list of signatures,
            // SHA-1.
            boolean ecdsa = tls13 ? ecdsaSignatures : ecdsaSuites && (ecdsaSignatures || !signatures);
            boolean rsa = tls13 ? pssSignatures : rsaSuites && (rsaSignatures || pssSignatures || !signatures);
            return new ClientHello(serverName, tls13, ecdsa, rsa);
        }
    }
}
