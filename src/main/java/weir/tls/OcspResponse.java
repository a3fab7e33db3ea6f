package weir.tls;

import weir.config.ConfiguredFile;

/** A response of an authority to be stapled (RFC 6960 section 4.2.1). Looked at no closer than to tell that it is one. */
final class OcspResponse {
    private static final int SEQUENCE = 0x30;
    private static final int ENUMERATED = 0x0a;

    private OcspResponse() {}

    /**
     * The DER of a successful response.
     *
     * @throws BadMaterial if it is none
     */
    static byte[] read(ConfiguredFile file, MaterialFiles files) throws BadMaterial {
        byte[] der = files.read(file);
        if (!successful(der)) {
            throw new BadMaterial(file, "no successful OCSP response", "the DER that openssl ocsp -respout writes");
        }
        return der;
    }

    /** {@code OCSPResponse ::= SEQUENCE { responseStatus ENUMERATED { successful (0) }, … }}. */
    private static boolean successful(byte[] der) {
        if (der.length < 8 || (der[0] & 0xff) != SEQUENCE) {
            return false;
        }
        int lengthBytes = (der[1] & 0x80) == 0 ? 0 : der[1] & 0x7f;
        int at = 2 + lengthBytes;
        return at + 3 <= der.length && der[at] == ENUMERATED && der[at + 1] == 1 && der[at + 2] == 0;
    }
}
