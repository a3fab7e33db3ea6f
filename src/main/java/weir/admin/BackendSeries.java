package weir.admin;

import weir.metrics.Collector;
import weir.metrics.MetricFamily;
import weir.service.Backend;
import weir.service.Service;
import weir.service.Services;

/**
 * The series of every backend, read from the backends themselves when somebody looks: nothing is registered for a
 * backend and nothing has to be forgotten. Thread-safe.
 */
public final class BackendSeries implements Collector {
    private static final String[] CLASSES = {"1xx", "2xx", "3xx", "4xx", "5xx"};
    private static final double NANOS = 1e9;

    private final Services services;

    /** The series of these services' backends. */
    public BackendSeries(Services services) {
        this.services = services;
    }

    @Override
    public void collect(Sink sink) {
        for (Service service : services.all()) {
            for (Backend backend : service.backends()) {
                collect(sink, backend, "service", service.name(), "backend", backend.address());
            }
        }
    }

    private static void collect(Sink sink, Backend backend, String... labels) {
        sink.sample(MetricFamily.BACKEND_AVAILABLE, backend.available() ? 1 : 0, labels);
        sink.sample(MetricFamily.BACKEND_IN_FLIGHT, backend.inFlight(), labels);
        sink.sample(MetricFamily.BACKEND_CONNECTIONS, backend.connections(), labels);
        sink.sample(MetricFamily.BACKEND_ERRORS, backend.errors(), labels);
        sink.sample(MetricFamily.BACKEND_LATENCY, backend.latencyNanos() / NANOS, labels);
        for (int i = 0; i < CLASSES.length; i++) {
            long responses = backend.responses(i + 1);
            if (responses > 0) {
                sink.sample(
                        MetricFamily.BACKEND_REQUESTS,
                        responses,
                        labels[0],
                        labels[1],
                        labels[2],
                        labels[3],
                        "status_class",
                        CLASSES[i]);
            }
        }
    }
}
