package weir.metrics;

import com.codahale.metrics.Gauge;
import com.codahale.metrics.MetricRegistry;
import java.util.function.DoubleSupplier;

/**
 * Where metrics are made and found: a Dropwizard registry whose names carry Prometheus labels,
 * {@code weir_requests_total{listener="web",status_class="2xx"}}. Asking for the same name twice gives the same metric,
 * so that counts survive a reload. Thread-safe; not for the path of a request: keep what it returns.
 */
public final class Metrics {
    private final MetricRegistry registry = new MetricRegistry();
    private final int loops;

    /** Metrics for so many event loops. */
    public Metrics(int loops) {
        this.loops = loops;
    }

    /** How many event loops write. */
    public int loops() {
        return loops;
    }

    /** The registry, for readers. */
    public MetricRegistry registry() {
        return registry;
    }

    /** The counter of that name and labels, made when it is new. Labels are name, value, name, value. */
    public LoopCounter counter(String name, String... labels) {
        return (LoopCounter) registry.counter(key(name, labels), () -> new LoopCounter(loops));
    }

    /** The histogram of durations in seconds of that name and labels, made when it is new. */
    public LoopHistogram histogram(String name, String... labels) {
        return (LoopHistogram) registry.histogram(key(name, labels), () -> new LoopHistogram(loops));
    }

    /** Sets a gauge, read when somebody looks; replaces one of the same name and labels. */
    public void gauge(String name, DoubleSupplier value, String... labels) {
        String key = key(name, labels);
        registry.remove(key);
        registry.register(key, (Gauge<Double>) value::getAsDouble);
    }

    /** Forgets a metric, for example of a backend that left. */
    public void remove(String name, String... labels) {
        registry.remove(key(name, labels));
    }

    private static String key(String name, String... labels) {
        if (labels.length == 0) {
            return name;
        }
        StringBuilder key = new StringBuilder(name).append('{');
        for (int i = 0; i < labels.length; i += 2) {
            if (i > 0) {
                key.append(',');
            }
            key.append(labels[i]).append("=\"");
            String value = labels[i + 1];
            for (int j = 0; j < value.length(); j++) {
                char c = value.charAt(j);
                switch (c) {
                    case '\\' -> key.append("\\\\");
                    case '"' -> key.append("\\\"");
                    case '\n' -> key.append("\\n");
                    default -> key.append(c);
                }
            }
            key.append('"');
        }
        return key.append('}').toString();
    }
}
