package weir.proxy;

import org.jspecify.annotations.Nullable;
import weir.metrics.LoopCounter;
import weir.metrics.LoopHistogram;
import weir.metrics.MetricFamily;
import weir.metrics.Metrics;

/**
 * The counters of one route behind one listener. Counters of a status class are made when the class is first seen.
 * Thread-safe.
 */
final class RouteCounters {
    private static final String[] CLASSES = {"none", "1xx", "2xx", "3xx", "4xx", "5xx"};

    private final Metrics metrics;
    private final String[] labels;
    private final @Nullable LoopCounter[] byClass = new LoopCounter[CLASSES.length];
    private final @Nullable LoopCounter[] byGrpcStatus = new LoopCounter[GrpcStatus.values().length];
    private final String service;
    private final LoopHistogram duration;
    private final LoopHistogram firstByte;

    RouteCounters(Metrics metrics, String listener, String route, String service) {
        this.metrics = metrics;
        this.service = service;
        this.labels = new String[] {"listener", listener, "route", route, "service", service, "status_class", ""};
        this.duration = metrics.histogram(
                MetricFamily.REQUEST_DURATION, "listener", listener, "route", route, "service", service);
        this.firstByte = metrics.histogram(
                MetricFamily.TIME_TO_FIRST_BYTE, "listener", listener, "route", route, "service", service);
    }

    void count(int loop, int status, long durationNanos, long firstByteNanos) {
        int index = Math.min(status / 100, CLASSES.length - 1);
        LoopCounter counter = byClass[index];
        if (counter == null) {
            counter = make(index);
        }
        counter.increment(loop);
        duration.record(loop, durationNanos);
        if (firstByteNanos >= 0) {
            firstByte.record(loop, firstByteNanos);
        }
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

    private LoopCounter make(int index) {
        String[] own = labels.clone();
        own[own.length - 1] = CLASSES[index];
        LoopCounter counter = metrics.counter(MetricFamily.REQUESTS, own);
        byClass[index] = counter;
        return counter;
    }
}
