package weir.proxy;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;
import weir.metrics.LoopCounter;
import weir.metrics.MetricFamily;
import weir.metrics.Metrics;

/** The counters of exchanges that need no route: gauges of what is under way, bytes, retries. Thread-safe. */
public final class ProxyMetrics {
    private final Metrics metrics;
    private final LoopCounter inFlight;
    private final LoopCounter tunnels;
    private final LoopCounter received;
    private final LoopCounter sent;
    /** By service, each by status. */
    private final ConcurrentMap<String, @Nullable LoopCounter[]> grpc = new ConcurrentHashMap<>();

    /** Finds the counters in {@code metrics}. */
    public ProxyMetrics(Metrics metrics) {
        this.metrics = metrics;
        this.inFlight = metrics.counter(MetricFamily.REQUESTS_IN_FLIGHT);
        this.tunnels = metrics.counter(MetricFamily.TUNNELS);
        this.received = metrics.counter(MetricFamily.BYTES, "direction", "received");
        this.sent = metrics.counter(MetricFamily.BYTES, "direction", "sent");
    }

    /** The registry behind. */
    Metrics metrics() {
        return metrics;
    }

    /** An exchange begins. */
    public void started(int loop) {
        inFlight.increment(loop);
    }

    /** An exchange ended. */
    public void completed(int loop, long bytesIn, long bytesOut) {
        inFlight.add(loop, -1);
        received.add(loop, bytesIn);
        sent.add(loop, bytesOut);
    }

    /** Rare, so that the counter is looked up by name. */
    public void retried(int loop, String service) {
        metrics.counter(MetricFamily.RETRIES, "service", service).increment(loop);
    }

    /** A gRPC call ended with that status. */
    void grpc(int loop, String service, int code) {
        @Nullable
        LoopCounter[] byStatus = grpc.computeIfAbsent(service, name -> new LoopCounter[GrpcStatus.values().length]);
        LoopCounter counter = byStatus[code];
        if (counter == null) {
            counter = metrics.counter(
                    MetricFamily.GRPC_RESPONSES, "service", service, "grpc_status", Integer.toString(code));
            byStatus[code] = counter;
        }
        counter.increment(loop);
    }

    /** A tunnel begins within an exchange. */
    public void tunnelStarted(int loop) {
        tunnels.increment(loop);
    }

    /** A tunnel ended. */
    public void tunnelEnded(int loop) {
        tunnels.add(loop, -1);
    }

    /** Exchanges under way on all loops, tunnels included. */
    public long inFlight() {
        return inFlight.getCount();
    }

    /** Tunnels among them. */
    public long tunnels() {
        return tunnels.getCount();
    }
}
