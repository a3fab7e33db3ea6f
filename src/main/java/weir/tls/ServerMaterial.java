package weir.tls;

import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import weir.config.ConfiguredFile;
import weir.config.ListenerConfig.Tls;
import weir.config.Problem;

/**
 * What the files of one listener's TLS hold. Immutable.
 *
 * @param clientAuthorities whose client certificates are good; empty when none is asked for
 * @param fingerprint the same for the same bytes in the same files
 */
public record ServerMaterial(
        ServerCertificates certificates, List<X509Certificate> clientAuthorities, String fingerprint) {
    public ServerMaterial {
        clientAuthorities = List.copyOf(clientAuthorities);
    }

    /**
     * Reads all files and checks that they belong together.
     *
     * @param problems takes everything that is wrong, each at its place in the configuration
     * @return null when something is
     */
    public static @Nullable ServerMaterial read(Tls tls, TlsProvider provider, Consumer<Problem> problems) {
        MaterialFiles files = new MaterialFiles();
        List<ServerCertificate> certificates = new ArrayList<>();
        boolean good = true;
        for (Tls.Certificate configured : tls.certificates()) {
            try {
                certificates.add(certificate(configured, provider, files));
            } catch (BadMaterial e) {
                problems.accept(e.problem());
                good = false;
            }
        }
        List<X509Certificate> authorities = List.of();
        ConfiguredFile clientCa = tls.clientCa();
        try {
            if (clientCa != null) {
                authorities = files.pem(clientCa).certificates();
            }
        } catch (BadMaterial e) {
            problems.accept(e.problem());
            good = false;
        }
        return good ? new ServerMaterial(new ServerCertificates(certificates), authorities, files.fingerprint()) : null;
    }

    private static ServerCertificate certificate(Tls.Certificate configured, TlsProvider provider, MaterialFiles files)
            throws BadMaterial {
        KeyMaterial pair = KeyMaterial.read(configured.certificate(), configured.key(), files);
        byte[] response = null;
        ConfiguredFile ocsp = configured.ocsp();
        if (ocsp != null) {
            if (provider == TlsProvider.JDK) {
                throw new BadMaterial(
                        ocsp.at(), "ocsp: " + TlsProvider.JDK.text() + " cannot staple it", "BoringSSL, or no ocsp");
            }
            response = files.read(ocsp);
        }
        return ServerCertificate.of(
                pair.chain(), pair.key(), response, configured.certificate().at());
    }
}
