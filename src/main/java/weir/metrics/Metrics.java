package weir.metrics;

import com.codahale.metrics.Gauge;
import com.codahale.metrics.MetricRegistry;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.DoubleSupplier;

/**
 * Where metrics are made and found: a Dropwizard registry whose names carry Prometheus labels,
 * {@code weir_requests_total{listener="web",status_class="2xx"}}. Asking for the same name twice gives the same metric,
 * so that counts survive a reload. Thread-safe; not for the path of a request: keep what it returns.
 */
public final class Metrics {
    private final MetricRegistry registry = new MetricRegistry();
    private final ConcurrentMap<List<String>, RequestSeries> requests = new ConcurrentHashMap<>();
    private final List<Collector> collectors = new CopyOnWriteArrayList<>();
    private final int loops;
    private CellPage page;

    /** Metrics for so many event loops. */
    public Metrics(int loops) {
        this.loops = loops;
        this.page = new CellPage(loops);
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
        return (LoopCounter) registry.counter(SeriesName.of(name, labels), this::newCounter);
    }

    /** The counter of that family and labels, made when it is new. */
    public LoopCounter counter(MetricFamily family, String... labels) {
        return counter(family.text(), labels);
    }

    /** The histogram of durations in seconds of that name and labels, made when it is new. */
    public LoopHistogram histogram(String name, String... labels) {
        return (LoopHistogram) registry.histogram(SeriesName.of(name, labels), this::newHistogram);
    }

    /** The histogram of durations of that family and labels, made when it is new. */
    public LoopHistogram histogram(MetricFamily family, String... labels) {
        return histogram(family.text(), labels);
    }

    /** What is counted of the requests that have these labels; the same for the same labels. */
    public RequestSeries requests(String... labels) {
        return requests.computeIfAbsent(List.of(labels), own -> newRequests(labels));
    }

    /** Sets a gauge, read when somebody looks; replaces one of the same name and labels. */
    public synchronized void gauge(String name, DoubleSupplier value, String... labels) {
        String key = SeriesName.of(name, labels);
        registry.remove(key);
        registry.register(key, (Gauge<Double>) value::getAsDouble);
    }

    /** Sets a gauge of that family, read when somebody looks; replaces one of the same labels. */
    public void gauge(MetricFamily family, DoubleSupplier value, String... labels) {
        gauge(family.text(), value, labels);
    }

    /** Forgets a metric, for example of a backend that left. Who still holds it may go on writing to it. */
    public void remove(String name, String... labels) {
        registry.remove(SeriesName.of(name, labels));
    }

    /** Forgets a metric of that family. */
    public void remove(MetricFamily family, String... labels) {
        remove(family.text(), labels);
    }

    /** Adds series that are found when somebody looks. */
    public void collect(Collector collector) {
        collectors.add(collector);
    }

    /** Who gives series that are found when somebody looks. */
    public List<Collector> collectors() {
        return collectors;
    }

    private synchronized LoopCounter newCounter() {
        int cell = take(1);
        return new LoopCounter(page, cell);
    }

    private synchronized LoopHistogram newHistogram() {
        int first = take(BucketCells.CELLS);
        return new LoopHistogram(page, first);
    }

    private synchronized RequestSeries newRequests(String... labels) {
        int first = take(RequestSeries.CELLS);
        return new RequestSeries(this, page, first, labels);
    }

    private int take(int cells) {
        int first = page.take(cells);
        if (first < 0) {
            page = new CellPage(loops);
            first = page.take(cells);
        }
        return first;
    }
}
