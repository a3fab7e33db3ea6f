package weir.admin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import weir.metrics.JvmMetrics;
import weir.metrics.MetricFamily;
import weir.metrics.Metrics;
import weir.testing.ExpectsBug;

class PrometheusTextTest {
    private static final Pattern COMMENT = Pattern.compile("# (HELP|TYPE) ([a-zA-Z_:][a-zA-Z0-9_:]*) (.+)");
    private static final Pattern SAMPLE = Pattern.compile(
            "([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\\{((?:[a-zA-Z_]\\w*=\"(?:[^\"\\\\\n]|\\\\[\\\\\"n])*\",?)+)})? (\\S+)");

    private final Metrics metrics = new Metrics(2);
    private final PrometheusText text = new PrometheusText(metrics);

    @Test
    void rendersCountersGaugesAndHistograms() {
        metrics.counter(MetricFamily.EJECTIONS, "service", "b").add(1, 3);
        metrics.counter(MetricFamily.EJECTIONS, "service", "a").increment(0);
        metrics.gauge(MetricFamily.DIRECT_MEMORY, () -> 16_777_216);
        metrics.histogram(MetricFamily.EVENT_LOOP_LAG).record(0, 700_000);
        metrics.histogram(MetricFamily.EVENT_LOOP_LAG).record(1, 90_000_000_000L);

        assertEquals("""
                # HELP weir_direct_memory_bytes Direct memory that Netty holds for buffers.
                # TYPE weir_direct_memory_bytes gauge
                weir_direct_memory_bytes 16777216
                # HELP weir_ejections_total Ejections of a backend after failures of real requests.
                # TYPE weir_ejections_total counter
                weir_ejections_total{service="a"} 1
                weir_ejections_total{service="b"} 3
                # HELP weir_event_loop_lag_seconds How much later than planned the ticks of the event loops ran.
                # TYPE weir_event_loop_lag_seconds histogram
                weir_event_loop_lag_seconds_bucket{le="0.0005"} 0
                weir_event_loop_lag_seconds_bucket{le="0.001"} 1
                weir_event_loop_lag_seconds_bucket{le="0.0025"} 1
                weir_event_loop_lag_seconds_bucket{le="0.005"} 1
                weir_event_loop_lag_seconds_bucket{le="0.01"} 1
                weir_event_loop_lag_seconds_bucket{le="0.025"} 1
                weir_event_loop_lag_seconds_bucket{le="0.05"} 1
                weir_event_loop_lag_seconds_bucket{le="0.1"} 1
                weir_event_loop_lag_seconds_bucket{le="0.25"} 1
                weir_event_loop_lag_seconds_bucket{le="0.5"} 1
                weir_event_loop_lag_seconds_bucket{le="1"} 1
                weir_event_loop_lag_seconds_bucket{le="2.5"} 1
                weir_event_loop_lag_seconds_bucket{le="5"} 1
                weir_event_loop_lag_seconds_bucket{le="10"} 1
                weir_event_loop_lag_seconds_bucket{le="30"} 1
                weir_event_loop_lag_seconds_bucket{le="60"} 1
                weir_event_loop_lag_seconds_bucket{le="+Inf"} 2
                weir_event_loop_lag_seconds_sum 90.0007
                weir_event_loop_lag_seconds_count 2
                """, text.render());
    }

    @Test
    void labelsAndLeStandTogether() {
        metrics.histogram(MetricFamily.REQUEST_DURATION, "listener", "web").record(0, 1);
        assertTrue(text.render().contains("weir_request_duration_seconds_bucket{listener=\"web\",le=\"0.0005\"} 1\n"));
        assertTrue(text.render().contains("weir_request_duration_seconds_sum{listener=\"web\"} 0.000000001\n"));
    }

    @Test
    void collectorsJoinTheFamilyOfTheRegistry() {
        metrics.counter(MetricFamily.EJECTIONS, "service", "b").increment(0);
        metrics.collect(sink -> {
            sink.sample(MetricFamily.BACKEND_AVAILABLE, 1, "service", "s", "backend", "10.0.0.1:80");
            sink.sample(MetricFamily.EJECTIONS, 7, "service", "a");
        });
        assertEquals("""
                # HELP weir_backend_available 1 when a backend may be picked, else 0.
                # TYPE weir_backend_available gauge
                weir_backend_available{service="s",backend="10.0.0.1:80"} 1
                # HELP weir_ejections_total Ejections of a backend after failures of real requests.
                # TYPE weir_ejections_total counter
                weir_ejections_total{service="a"} 7
                weir_ejections_total{service="b"} 1
                """, text.render());
    }

    @Test
    @ExpectsBug
    void oneThatFailsDoesNotCostTheOthers() {
        metrics.gauge(MetricFamily.DIRECT_MEMORY, () -> {
            throw new IllegalStateException("gone");
        });
        metrics.gauge(MetricFamily.CONNECTIONS, () -> Double.POSITIVE_INFINITY);
        metrics.collect(sink -> {
            throw new IllegalStateException("gone");
        });
        assertTrue(text.render().contains("weir_direct_memory_bytes NaN\n"));
        assertTrue(text.render().contains("weir_connections_open +Inf\n"));
    }

    @Test
    void everythingReadsBackByTheGrammarOfTheFormat() {
        String hostile = "a\"b\\c\nd{e=\"f\"},ü";
        metrics.counter(MetricFamily.REQUESTS, "listener", hostile, "route", "", "status_class", "2xx")
                .add(0, 1L << 40);
        metrics.histogram(MetricFamily.REQUEST_DURATION, "listener", hostile).record(0, 5);
        metrics.histogram(MetricFamily.REQUEST_DURATION, "listener", "web").record(0, 5);
        metrics.gauge("weir_unheard_of", () -> 0.1);
        metrics.collect(new JvmMetrics());
        String page = new String(text.bytes(), StandardCharsets.UTF_8);
        assertTrue(page.endsWith("\n"));
        Map<String, Double> samples = parse(page);

        String label = "listener=\"a\\\"b\\\\c\\nd{e=\\\"f\\\"},ü\"";
        assertEquals(1L << 40, samples.get("weir_requests_total{" + label + ",route=\"\",status_class=\"2xx\"}"));
        assertEquals(1, samples.get("weir_request_duration_seconds_count{" + label + "}"));
        assertEquals(0.1, samples.get("weir_unheard_of"));
        assertTrue(samples.get("jvm_memory_used_bytes{area=\"heap\"}") > 0);
    }

    /** Reads the format strictly: comments before samples, one block for each family, no series twice. */
    private static Map<String, Double> parse(String page) {
        Map<String, Double> samples = new LinkedHashMap<>();
        Set<String> families = new HashSet<>();
        String family = "";
        String type = "";
        List<String> bad = new ArrayList<>();
        for (String line : page.split("\n")) {
            Matcher comment = COMMENT.matcher(line);
            Matcher sample = SAMPLE.matcher(line);
            if (comment.matches()) {
                if (!comment.group(2).equals(family)) {
                    family = comment.group(2);
                    assertTrue(families.add(family), family + " in two blocks");
                }
                type = comment.group(1).equals("TYPE") ? comment.group(3) : "";
            } else if (sample.matches()) {
                String name = sample.group(1);
                String base = type.equals("histogram") ? name.replaceFirst("_(bucket|sum|count)$", "") : name;
                assertEquals(family, base, line);
                assertTrue(Set.of("counter", "gauge", "histogram").contains(type), line);
                String series = sample.group(2) == null ? name : name + "{" + sample.group(2) + "}";
                double value = Double.parseDouble(sample.group(3).replace("+Inf", "Infinity"));
                assertEquals(null, samples.put(series, value), line);
            } else {
                bad.add(line);
            }
        }
        assertEquals(List.of(), bad);
        return samples;
    }
}
