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
 * @param ticketKeys null for keys of the process's own
 * @param fingerprint the same for the same bytes in the same files
 */
public record ServerMaterial(
        ServerCertificates certificates,
        List<X509Certificate> clientAuthorities,
        @Nullable TicketKeys ticketKeys,
        String fingerprint) {
    public ServerMaterial {
        clientAuthorities = List.copyOf(clientAuthorities);
    }

    /** Reads a part of the material. */
    @FunctionalInterface
    private interface Part<T> {
        T read() throws BadMaterial;
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
        for (Tls.Certificate configured : tls.certificates()) {
            ServerCertificate read = part(() -> certificate(configured, provider, files), problems);
            if (read != null) {
                certificates.add(read);
            }
        }
        ConfiguredFile clientCa = tls.clientCa();
        List<X509Certificate> authorities =
                clientCa == null ? List.of() : part(() -> files.pem(clientCa).certificates(), problems);
        ConfiguredFile directory = tls.ticketKeys();
        TicketKeys keys = directory == null ? null : part(() -> ticketKeys(directory, provider, files), problems);
        if (certificates.size() < tls.certificates().size()
                || authorities == null
                || directory != null && keys == null) {
            return null;
        }
        return new ServerMaterial(new ServerCertificates(certificates), authorities, keys, files.fingerprint());
    }

    private static <T> @Nullable T part(Part<T> part, Consumer<Problem> problems) {
        try {
            return part.read();
        } catch (BadMaterial e) {
            problems.accept(e.problem());
            return null;
        }
    }

    private static ServerCertificate certificate(Tls.Certificate configured, TlsProvider provider, MaterialFiles files)
            throws BadMaterial {
        KeyMaterial pair = KeyMaterial.read(configured.certificate(), configured.key(), files);
        ConfiguredFile ocsp = configured.ocsp();
        if (ocsp != null) {
            needBoringSsl("ocsp", ocsp, provider);
        }
        byte[] response = ocsp == null ? null : OcspResponse.read(ocsp, files);
        return ServerCertificate.of(
                pair.chain(), pair.key(), response, configured.certificate().at());
    }

    private static TicketKeys ticketKeys(ConfiguredFile directory, TlsProvider provider, MaterialFiles files)
            throws BadMaterial {
        needBoringSsl("ticket-keys", directory, provider);
        return TicketKeys.read(directory, files);
    }

    /** What Java's engine cannot do is said, never left out. */
    private static void needBoringSsl(String key, ConfiguredFile value, TlsProvider provider) throws BadMaterial {
        if (provider == TlsProvider.JDK) {
            throw new BadMaterial(
                    value.at(), key + ": not with " + TlsProvider.JDK.text() + ", which is in use here", "BoringSSL");
        }
    }
}
