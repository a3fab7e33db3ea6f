package weir.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class MetricsTest {
    private final Metrics metrics = new Metrics(4);

    @Test
    void theSameNameAndLabelsGiveTheSameMetric() {
        LoopCounter first = metrics.counter(MetricFamily.EJECTIONS, "service", "a");
        assertSame(first, metrics.counter("weir_ejections_total", "service", "a"));
        assertNotSame(first, metrics.counter(MetricFamily.EJECTIONS, "service", "b"));
        assertSame(metrics.histogram(MetricFamily.EVENT_LOOP_LAG), metrics.histogram("weir_event_loop_lag_seconds"));
    }

    @Test
    void aCounterAddsUpLoopsAndOtherThreads() throws InterruptedException {
        LoopCounter counter = metrics.counter("weir_requests_total");
        LoopCounter neighbour = metrics.counter("weir_ejections_total");
        Thread[] threads = new Thread[5];
        for (int i = 0; i < threads.length; i++) {
            int number = i;
            threads[i] = new Thread(() -> {
                for (int n = 0; n < 200_000; n++) {
                    if (number < 4) {
                        counter.increment(number);
                        neighbour.add(number, -2);
                    } else {
                        counter.inc();
                    }
                }
            });
            threads[i].start();
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertEquals(1_000_000, counter.getCount());
        assertEquals(-1_600_000, neighbour.getCount());
    }

    @Test
    void aForgottenMetricStartsAgainAtZeroAndItsOldHolderHarmsNobody() {
        LoopCounter old = metrics.counter(MetricFamily.EJECTIONS, "service", "a");
        old.increment(0);
        metrics.remove(MetricFamily.EJECTIONS, "service", "a");
        List<LoopCounter> others = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            others.add(metrics.counter(MetricFamily.EJECTIONS, "service", "s" + i));
        }
        LoopCounter renewed = metrics.counter(MetricFamily.EJECTIONS, "service", "a");
        old.increment(0);

        assertEquals(0, renewed.getCount());
        for (LoopCounter other : others) {
            assertEquals(0, other.getCount());
        }
    }

    @Test
    void requestsOfOneRouteCountByClassAndTime() {
        RequestSeries first = metrics.requests("listener", "web", "route", "shop");
        RequestSeries other = metrics.requests("listener", "web", "route", "blog");
        assertSame(first, metrics.requests("listener", "web", "route", "shop"));
        first.record(0, 204, 700_000, 600_000);
        first.record(1, 200, 400_000, -1);
        first.record(1, 0, 90_000_000_000L, -1);
        other.record(1, 503, 1, 1);

        assertEquals(
                Map.of(
                        "weir_requests_total{listener=\"web\",route=\"shop\",status_class=\"2xx\"}",
                        2L,
                        "weir_requests_total{listener=\"web\",route=\"shop\",status_class=\"none\"}",
                        1L,
                        "weir_requests_total{listener=\"web\",route=\"blog\",status_class=\"5xx\"}",
                        1L),
                metrics.registry().getCounters().entrySet().stream()
                        .collect(Collectors.toMap(
                                Map.Entry::getKey, e -> e.getValue().getCount())));
        LoopHistogram durations = metrics.histogram(MetricFamily.REQUEST_DURATION, "listener", "web", "route", "shop");
        LoopHistogram firstBytes =
                metrics.histogram(MetricFamily.TIME_TO_FIRST_BYTE, "listener", "web", "route", "shop");
        assertEquals(3, durations.getCount());
        assertEquals(90_001_100_000L, durations.getSnapshot().sum());
        assertEquals(1, firstBytes.getCount());
        assertEquals(600_000, firstBytes.getSnapshot().sum());
    }

    @Test
    void aGaugeIsReplaced() {
        metrics.gauge("weir_connections_open", () -> 1);
        metrics.gauge(MetricFamily.CONNECTIONS, () -> 2);
        assertEquals(
                2.0, metrics.registry().getGauges().get("weir_connections_open").getValue());
        metrics.remove("weir_connections_open");
        assertTrue(metrics.registry().getGauges().isEmpty());
    }

    @Test
    void labelsAreEscapedAndTakenApartAgain() {
        String name = SeriesName.of("weir_x", "a", "q\"b\\s\nn{},=", "b", "ü");
        assertEquals("weir_x{a=\"q\\\"b\\\\s\\nn{},=\",b=\"ü\"}", name);
        assertEquals("weir_x", SeriesName.family(name));
        assertEquals("a=\"q\\\"b\\\\s\\nn{},=\",b=\"ü\"", SeriesName.labels(name));
        assertEquals("weir_x", SeriesName.of("weir_x"));
        assertEquals("", SeriesName.labels("weir_x"));
        assertThrows(IllegalArgumentException.class, () -> SeriesName.of("weir_x", "a"));
    }

    @Test
    void tenThousandBackendsTakeLittleMemory() {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        Metrics many = new Metrics(16);
        many.counter(MetricFamily.BACKEND_REQUESTS);
        List<LoopCounter> held = new ArrayList<>(50_000);
        String[] classes = {"2xx", "3xx", "4xx", "5xx", "error"};
        long before = threads.getCurrentThreadAllocatedBytes();
        for (int backend = 0; backend < 10_000; backend++) {
            for (String statusClass : classes) {
                held.add(many.counter(
                        MetricFamily.BACKEND_REQUESTS,
                        "service",
                        "s",
                        "backend",
                        "10.0.0.1:" + backend,
                        "status_class",
                        statusClass));
            }
        }
        long bytes = threads.getCurrentThreadAllocatedBytes() - before;

        assertEquals(50_000, held.size());
        assertTrue(bytes / 50_000 < 2_000, bytes / 50_000 + " bytes per counter, garbage included");
    }

    @Test
    void theJvmIsDescribed() {
        Map<MetricFamily, Double> samples = new HashMap<>();
        new JvmMetrics().collect((family, value, labels) -> {
            assertEquals(family.labels().size() * 2, labels.length, family.text());
            samples.merge(family, value, Math::max);
        });
        for (MetricFamily family : List.of(
                MetricFamily.JVM_MEMORY_USED,
                MetricFamily.JVM_THREADS,
                MetricFamily.PROCESS_START,
                MetricFamily.PROCESS_OPEN_FDS,
                MetricFamily.PROCESS_CPU)) {
            assertTrue(samples.get(family) > 0, family.text());
        }
        assertFalse(samples.containsKey(MetricFamily.REQUESTS));
    }
}
