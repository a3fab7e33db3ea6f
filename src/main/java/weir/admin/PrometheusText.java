package weir.admin;

import com.codahale.metrics.Counter;
import com.codahale.metrics.Gauge;
import com.codahale.metrics.Metric;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import weir.metrics.BucketSnapshot;
import weir.metrics.Collector;
import weir.metrics.LoopHistogram;
import weir.metrics.MetricFamily;
import weir.metrics.Metrics;
import weir.metrics.SeriesName;

/**
 * Every metric in Prometheus' text exposition format 0.0.4: families in the order of their names, series in the order
 * of their labels, durations in seconds. Thread-safe; not for event loops, the text may have megabytes.
 */
public final class PrometheusText {
    /** The media type of the text. */
    public static final String CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

    private static final Logger LOG = LoggerFactory.getLogger(PrometheusText.class);
    private static final double NANOS = 1e9;

    private final Metrics metrics;

    public PrometheusText(Metrics metrics) {
        this.metrics = metrics;
    }

    /** The text, encoded. */
    public byte[] bytes() {
        return render().getBytes(StandardCharsets.UTF_8);
    }

    /** The text. */
    public String render() {
        Map<String, Map<String, Object>> families = new TreeMap<>();
        for (Map.Entry<String, Metric> entry : metrics.registry().getMetrics().entrySet()) {
            put(families, entry.getKey(), entry.getValue());
        }
        Collector.Sink sink =
                (family, value, labels) -> put(families, SeriesName.of(family.text(), labels), Double.valueOf(value));
        for (Collector collector : metrics.collectors()) {
            try {
                collector.collect(sink);
            } catch (RuntimeException bug) {
                LOG.error("metrics: a collector failed", bug);
            }
        }
        StringBuilder out = new StringBuilder(16 * 1024);
        families.forEach((name, series) -> family(out, name, series));
        return out.toString();
    }

    private static void put(Map<String, Map<String, Object>> families, String name, Object value) {
        families.computeIfAbsent(SeriesName.family(name), f -> new TreeMap<>()).put(SeriesName.labels(name), value);
    }

    private static void family(StringBuilder out, String name, Map<String, Object> series) {
        MetricFamily family = MetricFamily.of(name);
        if (family != null) {
            out.append("# HELP ").append(name).append(' ').append(family.help()).append('\n');
        }
        Object first = series.values().iterator().next();
        out.append("# TYPE ")
                .append(name)
                .append(' ')
                .append(type(family, first))
                .append('\n');
        series.forEach((labels, value) -> series(out, name, labels, value));
    }

    private static String type(@Nullable MetricFamily family, Object value) {
        if (family != null) {
            return family.type().text();
        }
        if (value instanceof LoopHistogram) {
            return "histogram";
        }
        return value instanceof Counter ? "counter" : "gauge";
    }

    private static void series(StringBuilder out, String name, String labels, Object value) {
        if (value instanceof LoopHistogram histogram) {
            histogram(out, name, labels, histogram.getSnapshot());
        } else if (value instanceof Counter counter) {
            line(out, name, labels, "", counter.getCount());
        } else if (value instanceof Gauge<?> gauge) {
            line(out, name, labels, "", read(gauge));
        } else if (value instanceof Double number) {
            line(out, name, labels, "", number);
        }
    }

    /** A gauge's value; NaN when it cannot be had, so that one gauge never costs the others. */
    private static double read(Gauge<?> gauge) {
        try {
            return gauge.getValue() instanceof Number number ? number.doubleValue() : Double.NaN;
        } catch (RuntimeException bug) {
            LOG.error("metrics: a gauge failed", bug);
            return Double.NaN;
        }
    }

    private static void histogram(StringBuilder out, String name, String labels, BucketSnapshot buckets) {
        long below = 0;
        for (int i = 0; i < buckets.buckets(); i++) {
            below += buckets.count(i);
            String bound = i == buckets.buckets() - 1 ? "+Inf" : number(buckets.bound(i) / NANOS);
            line(out, name + "_bucket", labels, "le=\"" + bound + "\"", below);
        }
        line(out, name + "_sum", labels, "", buckets.sum() / NANOS);
        line(out, name + "_count", labels, "", below);
    }

    private static void line(StringBuilder out, String name, String labels, String more, double value) {
        out.append(name);
        if (!labels.isEmpty() || !more.isEmpty()) {
            out.append('{').append(labels);
            if (!labels.isEmpty() && !more.isEmpty()) {
                out.append(',');
            }
            out.append(more).append('}');
        }
        out.append(' ').append(number(value)).append('\n');
    }

    /** Plain decimals; whole numbers without a point, as long as a double has them exactly. */
    private static String number(double value) {
        if (value == Math.rint(value) && Math.abs(value) < 1L << 53) {
            return Long.toString((long) value);
        }
        if (Double.isInfinite(value)) {
            return value > 0 ? "+Inf" : "-Inf";
        }
        return Double.isNaN(value)
                ? "NaN"
                : BigDecimal.valueOf(value).stripTrailingZeros().toPlainString();
    }
}
