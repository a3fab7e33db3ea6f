package weir.tls;

import java.security.cert.Certificate;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import weir.http.CertificateNames;

/**
 * The certificates of one listener and which of them a client is shown: those of the name it asks for, exact before
 * wildcard (RFC 6125 section 6.4.3: one label), else those of the first certificate's; of these one by an elliptic curve
 * if the client can verify it, because that costs least. Immutable but for what it finds out once. Thread-safe.
 */
public final class ServerCertificates {
    /** The numbers of the certificates for one name, -1 for none. */
    private record Pair(int ecdsa, int rsa) {
        private static final Pair NONE = new Pair(-1, -1);

        Pair with(int number, boolean isEcdsa) {
            if (isEcdsa) {
                return ecdsa < 0 ? new Pair(number, rsa) : this;
            }
            return rsa < 0 ? new Pair(ecdsa, number) : this;
        }

        int choose(ClientHello hello) {
            if (ecdsa >= 0 && (hello.ecdsa() || rsa < 0 || !hello.rsa())) {
                return ecdsa;
            }
            return rsa;
        }
    }

    private final List<ServerCertificate> all;
    private final Map<String, Pair> exact = new HashMap<>();
    private final Map<String, Pair> wildcards = new HashMap<>();
    private final Pair byDefault;
    private CertificateNames @Nullable [] hosts;

    /** At least one certificate; the first of each name and algorithm counts. */
    public ServerCertificates(List<ServerCertificate> certificates) {
        all = List.copyOf(certificates);
        for (int i = 0; i < all.size(); i++) {
            for (String name : all.get(i).names()) {
                if (name.startsWith("*.")) {
                    add(wildcards, name.substring(1), i);
                } else {
                    add(exact, name, i);
                }
            }
        }
        Pair first = Pair.NONE.with(0, all.get(0).ecdsa());
        for (int i = 1; i < all.size(); i++) {
            if (all.get(i).names().equals(all.get(0).names())) {
                first = first.with(i, all.get(i).ecdsa());
            }
        }
        byDefault = first;
    }

    private void add(Map<String, Pair> to, String name, int number) {
        to.put(
                name,
                to.getOrDefault(name, Pair.NONE).with(number, all.get(number).ecdsa()));
    }

    /** All of them, in the order of the configuration. */
    public List<ServerCertificate> all() {
        return all;
    }

    /** The number in {@link #all()} of the certificate for that client. */
    public int choose(ClientHello hello) {
        return find(hello.serverName()).choose(hello);
    }

    /** The hosts that the certificate shown is for: {@code leaf}, or the one for that name if nobody can tell. */
    CertificateNames hosts(@Nullable Certificate leaf, @Nullable String serverName) {
        CertificateNames[] known = hosts;
        if (known == null) {
            known = all.stream().map(ServerCertificate::hosts).toArray(CertificateNames[]::new);
            hosts = known; // any thread finds the same
        }
        for (int i = 0; i < all.size(); i++) {
            if (all.get(i).leaf().equals(leaf)) {
                return known[i];
            }
        }
        return known[find(serverName).choose(ClientHello.UNKNOWN)];
    }

    private Pair find(@Nullable String name) {
        if (name == null) {
            return byDefault;
        }
        Pair found = exact.get(name);
        if (found == null && !wildcards.isEmpty()) {
            int dot = name.indexOf('.');
            found = dot <= 0 ? null : wildcards.get(name.substring(dot));
        }
        return found == null ? byDefault : found;
    }
}
