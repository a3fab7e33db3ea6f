package weir;

import io.netty.util.Version;
import io.netty.util.internal.PlatformDependent;
import weir.cli.VersionCommand;
import weir.listener.Transport;
import weir.metrics.Collector;
import weir.metrics.LoopCounter;
import weir.metrics.MetricFamily;
import weir.metrics.Metrics;
import weir.service.Backend;
import weir.service.Service;
import weir.service.Services;

/**
 * The series that are found when somebody looks: those of every backend, so that nothing but the backend's own counters
 * is kept for each, and those of the process. Thread-safe.
 */
record ProcessSeries(Services services, Transport transport, LoopCounter idleConnections) implements Collector {
    private static final String[] CLASSES = {"error", "1xx", "2xx", "3xx", "4xx", "5xx"};

    static ProcessSeries of(Services services, Transport transport, Metrics metrics) {
        return new ProcessSeries(
                services, transport, metrics.counter(MetricFamily.BACKEND_CONNECTIONS, "state", "idle"));
    }

    @Override
    public void collect(Sink sink) {
        long connections = 0;
        for (Service service : services.all()) {
            for (Backend backend : service.backends()) {
                connections += backend.connections();
                backend(sink, service.name(), backend);
            }
        }
        sink.sample(
                MetricFamily.BACKEND_CONNECTIONS,
                Math.max(0, connections - idleConnections.getCount()),
                "state",
                "active");
        sink.sample(MetricFamily.DIRECT_MEMORY, Math.max(0, PlatformDependent.usedDirectMemory()));
        sink.sample(
                MetricFamily.BUILD_INFO,
                1,
                "version",
                VersionCommand.weir(),
                "java",
                Runtime.version().toString(),
                "netty",
                netty(),
                "transport",
                transport.name());
    }

    private static void backend(Sink sink, String service, Backend backend) {
        String address = backend.address();
        sink.sample(
                MetricFamily.BACKEND_AVAILABLE, backend.available() ? 1 : 0, "service", service, "backend", address);
        sink.sample(MetricFamily.BACKEND_IN_FLIGHT, backend.inFlight(), "service", service, "backend", address);
        long unanswered = backend.requests();
        for (int i = 1; i < CLASSES.length; i++) {
            long count = backend.responses(i);
            unanswered -= count;
            requests(sink, service, address, CLASSES[i], count);
        }
        requests(sink, service, address, CLASSES[0], Math.max(0, unanswered));
    }

    private static void requests(Sink sink, String service, String address, String statusClass, long count) {
        if (count > 0) {
            sink.sample(
                    MetricFamily.BACKEND_REQUESTS,
                    count,
                    "service",
                    service,
                    "backend",
                    address,
                    "status_class",
                    statusClass);
        }
    }

    private static String netty() {
        Version common = Version.identify().get("netty-common");
        return common == null ? "unknown" : common.artifactVersion();
    }
}
