package weir.discovery;

import com.codahale.metrics.Counter;
import java.util.EnumMap;
import java.util.Map;
import weir.metrics.MetricFamily;
import weir.metrics.Metrics;

/** Counts requests to Consul by how they ended. Thread-safe. */
public final class ConsulCounters {
    private final Counter answered;
    private final Map<ConsulFailure.Kind, Counter> failures = new EnumMap<>(ConsulFailure.Kind.class);

    /** Counts among these metrics. */
    public ConsulCounters(Metrics metrics) {
        answered = metrics.counter(MetricFamily.CONSUL_REQUESTS, "result", "ok");
        for (ConsulFailure.Kind kind : ConsulFailure.Kind.values()) {
            failures.put(kind, metrics.counter(MetricFamily.CONSUL_REQUESTS, "result", kind.text()));
        }
    }

    void answered() {
        answered.inc();
    }

    void failed(ConsulFailure.Kind kind) {
        Counter counter = failures.get(kind);
        if (counter != null) {
            counter.inc();
        }
    }
}
