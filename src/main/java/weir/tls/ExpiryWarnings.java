package weir.tls;

import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Warns of certificates that expire soon, once a day each. Confined to the control thread. */
public final class ExpiryWarnings {
    private static final Logger LOG = LoggerFactory.getLogger(ExpiryWarnings.class);
    private static final Duration AHEAD = Duration.ofDays(14);
    private static final Duration AGAIN = Duration.ofDays(1);

    private final Map<X509Certificate, Instant> said = new HashMap<>();

    /** Nothing is said yet. */
    public ExpiryWarnings() {}

    /** Looks at what a listener shows. Returns how many warnings that gave. */
    public int look(String listener, ServerCertificates certificates, Instant now) {
        said.values().removeIf(at -> at.plus(AGAIN.multipliedBy(2)).isBefore(now));
        int warnings = 0;
        for (ServerCertificate certificate : certificates.all()) {
            Instant end = certificate.leaf().getNotAfter().toInstant();
            Instant last = said.get(certificate.leaf());
            if (end.isAfter(now.plus(AHEAD)) || last != null && last.plus(AGAIN).isAfter(now)) {
                continue;
            }
            said.put(certificate.leaf(), now);
            warnings++;
            if (end.isAfter(now)) {
                LOG.warn("listener {}: the certificate of {} expires on {}", listener, certificate.name(), end);
            } else {
                LOG.warn("listener {}: the certificate of {} expired on {}", listener, certificate.name(), end);
            }
        }
        return warnings;
    }
}
