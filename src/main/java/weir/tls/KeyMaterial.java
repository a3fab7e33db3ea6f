package weir.tls;

import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;
import weir.config.ConfiguredFile;

/**
 * A certificate chain and the key of its first. Immutable.
 *
 * @param chain the certificate, then those that lead to its authority
 */
public record KeyMaterial(List<X509Certificate> chain, PrivateKey key) {
    public KeyMaterial {
        chain = List.copyOf(chain);
    }

    /**
     * Reads both, which may be one file.
     *
     * @throws BadMaterial if one cannot be read, or they do not belong together
     */
    public static KeyMaterial read(ConfiguredFile certificate, ConfiguredFile key, MaterialFiles files)
            throws BadMaterial {
        List<X509Certificate> chain = files.pem(certificate).certificates();
        PrivateKey secret = files.pem(key).key();
        if (!PrivateKeys.match(secret, chain.get(0).getPublicKey())) {
            throw new BadMaterial(
                    key, "not the key of the certificate in " + certificate.path(), "the key that goes with it");
        }
        return new KeyMaterial(chain, secret);
    }
}
