package weir.connection;

import weir.metrics.LoopCounter;
import weir.metrics.MetricFamily;
import weir.metrics.Metrics;

/** What all pools count: idle connections, and how connecting ended. Thread-safe. */
public record PoolCounters(LoopCounter idle, LoopCounter connected, LoopCounter failed, LoopCounter timedOut) {
    /** Finds the counters in {@code metrics}. */
    public static PoolCounters of(Metrics metrics) {
        return new PoolCounters(
                metrics.counter(MetricFamily.BACKEND_CONNECTIONS_IDLE),
                metrics.counter(MetricFamily.BACKEND_CONNECTS, "result", "connected"),
                metrics.counter(MetricFamily.BACKEND_CONNECTS, "result", "failed"),
                metrics.counter(MetricFamily.BACKEND_CONNECTS, "result", "timeout"));
    }
}
