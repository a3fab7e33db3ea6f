package weir.metrics;

import java.util.Arrays;

/**
 * What is counted of the requests of one route: how many by class of status, how long they took, how long until the
 * first byte. Its cells stand side by side and are written without the objects that show them: among thousands of
 * routes each object is a cache line that a request has to wait for. A counter shows from the first request of its class on.
 * Writers: loop {@code i} only to row {@code i}. Made by {@link Metrics#requests}.
 */
public final class RequestSeries {
    private static final String[] CLASSES = {"none", "1xx", "2xx", "3xx", "4xx", "5xx"};
    private static final int DURATION = CLASSES.length;
    private static final int FIRST_BYTE = DURATION + BucketCells.CELLS;
    /** Cells it takes of a page. */
    static final int CELLS = FIRST_BYTE + BucketCells.CELLS;

    private final Metrics metrics;
    private final CellPage page;
    private final int first;
    private final String[] labels;
    private int shown; // A bit for each class; a lost one is set again, the registry gives the same counter.

    RequestSeries(Metrics metrics, CellPage page, int first, String... labels) {
        this.metrics = metrics;
        this.page = page;
        this.first = first;
        this.labels = labels.clone();
        show(MetricFamily.REQUEST_DURATION, first + DURATION);
        show(MetricFamily.TIME_TO_FIRST_BYTE, first + FIRST_BYTE);
    }

    /**
     * Counts a request that is complete.
     *
     * @param status 0 when there was none
     * @param firstByteNanos negative when none came
     */
    public void record(int loop, int status, long durationNanos, long firstByteNanos) {
        int index = Math.min(status / 100, CLASSES.length - 1);
        if ((shown & 1 << index) == 0) {
            show(index);
        }
        page.add(loop, first + index, 1);
        BucketCells.record(page, first + DURATION, loop, durationNanos);
        if (firstByteNanos >= 0) {
            BucketCells.record(page, first + FIRST_BYTE, loop, firstByteNanos);
        }
    }

    private void show(int index) {
        String[] own = Arrays.copyOf(labels, labels.length + 2);
        own[labels.length] = "status_class";
        own[labels.length + 1] = CLASSES[index];
        String name = SeriesName.of(MetricFamily.REQUESTS.text(), own);
        metrics.registry().counter(name, () -> new LoopCounter(page, first + index));
        shown |= 1 << index;
    }

    private void show(MetricFamily family, int cell) {
        metrics.registry().histogram(SeriesName.of(family.text(), labels), () -> new LoopHistogram(page, cell));
    }
}
