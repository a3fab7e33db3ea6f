package weir.proxy;

import org.jspecify.annotations.Nullable;
import weir.metrics.LoopCounter;
import weir.metrics.MetricFamily;
import weir.metrics.Metrics;
import weir.metrics.RequestSeries;

/** The counters of one route behind one listener. Thread-safe. */
final class RouteCounters {
    private final RequestSeries requests;
    private final Metrics metrics;
    private final String service;
    private final @Nullable LoopCounter[] byGrpcStatus = new LoopCounter[GrpcStatus.values().length];

    RouteCounters(Metrics metrics, String listener, String route, String service) {
        this.requests = metrics.requests("listener", listener, "route", route, "service", service);
        this.metrics = metrics;
        this.service = service;
    }

    void count(int loop, int status, long durationNanos, long firstByteNanos) {
        requests.record(loop, status, durationNanos, firstByteNanos);
    }

    void countGrpc(int loop, int code) {
        LoopCounter counter = byGrpcStatus[code];
        if (counter == null) {
            counter = metrics.counter(
                    MetricFamily.GRPC_RESPONSES, "service", service, "grpc_status", Integer.toString(code));
            byGrpcStatus[code] = counter;
        }
        counter.increment(loop);
    }
}
