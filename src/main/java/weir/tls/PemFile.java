package weir.tls;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import weir.config.ConfiguredFile;

/**
 * A file of certificates and keys between {@code -----BEGIN} and {@code -----END} lines (RFC 7468). Immutable.
 *
 * @param file where the configuration names it
 */
public record PemFile(ConfiguredFile file, List<Block> blocks) {
    private static final Pattern BLOCK =
            Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----\\s*\\R([A-Za-z0-9+/=\\s]*?)-----END \\1-----");
    private static final Pattern ENCRYPTED = Pattern.compile("-----BEGIN ENCRYPTED|Proc-Type: *4, *ENCRYPTED");

    /** One block. Immutable but for the array, which nobody writes to. */
    public record Block(String label, byte[] der) {}

    /**
     * Finds the blocks.
     *
     * @throws BadMaterial if there is none
     */
    public static PemFile of(ConfiguredFile file, byte[] content) throws BadMaterial {
        String text = new String(content, StandardCharsets.ISO_8859_1);
        List<Block> blocks = new ArrayList<>();
        for (Matcher matcher = BLOCK.matcher(text); matcher.find(); ) {
            try {
                blocks.add(new Block(matcher.group(1), Base64.getMimeDecoder().decode(matcher.group(2))));
            } catch (IllegalArgumentException e) {
                throw new BadMaterial(file, "the Base64 of its " + matcher.group(1) + " is broken", "a whole PEM file");
            }
        }
        if (ENCRYPTED.matcher(text).find()) {
            throw new BadMaterial(file, "the key is encrypted", "a key without a password");
        }
        if (blocks.isEmpty()) {
            throw new BadMaterial(file, "no PEM in it", "-----BEGIN CERTIFICATE----- and what belongs to it");
        }
        return new PemFile(file, List.copyOf(blocks));
    }

    /**
     * The certificates, in the order of the file.
     *
     * @throws BadMaterial if there is none, or one cannot be read
     */
    public List<X509Certificate> certificates() throws BadMaterial {
        List<X509Certificate> certificates = new ArrayList<>();
        for (Block block : blocks) {
            if (block.label().equals("CERTIFICATE") || block.label().equals("X509 CERTIFICATE")) {
                certificates.add(certificate(block));
            }
        }
        if (certificates.isEmpty()) {
            throw new BadMaterial(file, "no certificate in it", "-----BEGIN CERTIFICATE-----");
        }
        return certificates;
    }

    private X509Certificate certificate(Block block) throws BadMaterial {
        try {
            return (X509Certificate)
                    CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(block.der()));
        } catch (CertificateException e) {
            throw new BadMaterial(file, "a certificate in it cannot be read: " + reason(e), "an X.509 certificate");
        }
    }

    /**
     * The first private key.
     *
     * @throws BadMaterial if there is none, or it cannot be read
     */
    public PrivateKey key() throws BadMaterial {
        for (Block block : blocks) {
            if (block.label().endsWith("PRIVATE KEY")) {
                return PrivateKeys.read(file, block);
            }
        }
        throw new BadMaterial(file, "no private key in it", "-----BEGIN PRIVATE KEY-----");
    }

    static String reason(Exception e) {
        String message = e.getMessage();
        return message == null ? e.getClass().getSimpleName() : message;
    }
}
