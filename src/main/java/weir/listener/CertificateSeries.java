package weir.listener;

import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import weir.metrics.Collector;
import weir.metrics.MetricFamily;
import weir.tls.ServerCertificate;

/** When the certificates that listeners show expire. Thread-safe. */
record CertificateSeries(Listeners listeners) implements Collector {
    private record Series(String listener, String name, String algorithm) {}

    @Override
    public void collect(Sink sink) {
        Set<Series> given = new HashSet<>();
        for (ListenerSettings listener : listeners.settings().listeners().values()) {
            if (listener.tls() != null) {
                for (ServerCertificate certificate :
                        listener.tls().certificates().all()) {
                    Series series =
                            new Series(listener.name(), certificate.name(), certificate.ecdsa() ? "ecdsa" : "rsa");
                    if (given.add(series)) {
                        sample(sink, series, certificate);
                    }
                }
            }
        }
    }

    private static void sample(Sink sink, Series series, ServerCertificate certificate) {
        sink.sample(
                MetricFamily.TLS_CERTIFICATE_EXPIRY,
                TimeUnit.MILLISECONDS.toSeconds(certificate.leaf().getNotAfter().getTime()),
                "listener",
                series.listener(),
                "name",
                series.name(),
                "algorithm",
                series.algorithm());
    }
}
