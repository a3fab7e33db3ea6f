package weir.tls;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.interfaces.RSAPrivateKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.HexFormat;
import weir.config.ConfiguredFile;

/**
 * Private keys as tools write them: PKCS#8 (RFC 5208), and the older forms of RSA (RFC 8017, appendix A.1.2) and
 * elliptic curves (RFC 5915), which are PKCS#8 without its wrapping.
 */
final class PrivateKeys {
    private static final byte[] VERSION = {2, 1, 0};
    private static final byte[] RSA = HexFormat.of().parseHex("300d06092a864886f70d0101010500");
    private static final byte[] EC = HexFormat.of().parseHex("06072a8648ce3d0201");
    private static final int SEQUENCE = 0x30;
    private static final int OCTETS = 4;
    private static final int CURVE = 0xa0;

    private PrivateKeys() {}

    static PrivateKey read(ConfiguredFile file, PemFile.Block block) throws BadMaterial {
        byte[] der;
        try {
            der = switch (block.label()) {
                case "RSA PRIVATE KEY" -> der(SEQUENCE, VERSION, RSA, der(OCTETS, block.der()));
                case "EC PRIVATE KEY" ->
                    der(SEQUENCE, VERSION, der(SEQUENCE, EC, curve(block.der())), der(OCTETS, block.der()));
                default -> block.der();
            };
        } catch (RuntimeException e) {
            throw unreadable(file);
        }
        for (String algorithm : new String[] {"EC", "RSA"}) {
            try {
                return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(der));
            } catch (GeneralSecurityException e) {
                continue; // not of this kind
            }
        }
        throw unreadable(file);
    }

    private static BadMaterial unreadable(ConfiguredFile file) {
        return new BadMaterial(file, "the private key in it cannot be read", "an RSA or elliptic-curve key");
    }

    /** Whether what the one signs the other verifies. */
    static boolean match(PrivateKey key, PublicKey certified) {
        if (key instanceof RSAPrivateKey secret) {
            return certified instanceof RSAPublicKey open && open.getModulus().equals(secret.getModulus());
        }
        try {
            byte[] message = {1, 2, 3};
            Signature signature = Signature.getInstance("SHA256withECDSA");
            signature.initSign(key);
            signature.update(message);
            byte[] signed = signature.sign();
            signature.initVerify(certified);
            signature.update(message);
            return signature.verify(signed);
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    /** The curve's object identifier: field [0] of an ECPrivateKey. */
    private static byte[] curve(byte[] key) {
        ByteBuffer in = ByteBuffer.wrap(key);
        in.get();
        length(in);
        while (in.hasRemaining()) {
            int tag = in.get() & 0xff;
            int length = length(in);
            if (tag == CURVE) {
                byte[] curve = new byte[length];
                in.get(curve);
                return curve;
            }
            in.position(in.position() + length);
        }
        throw new IllegalArgumentException("no curve");
    }

    private static int length(ByteBuffer in) {
        int first = in.get() & 0xff;
        if (first < 0x80) {
            return first;
        }
        int length = 0;
        for (int i = 0; i < (first & 0x7f); i++) {
            length = length << 8 | in.get() & 0xff;
        }
        return length;
    }

    private static byte[] der(int tag, byte[]... parts) {
        int length = 0;
        for (byte[] part : parts) {
            length += part.length;
        }
        ByteBuffer out = ByteBuffer.allocate(length + 5).put((byte) tag);
        if (length < 0x80) {
            out.put((byte) length);
        } else if (length < 0x100) {
            out.put((byte) 0x81).put((byte) length);
        } else {
            out.put((byte) 0x82).putShort((short) length);
        }
        for (byte[] part : parts) {
            out.put(part);
        }
        byte[] bytes = new byte[out.position()];
        out.flip().get(bytes);
        return bytes;
    }
}
