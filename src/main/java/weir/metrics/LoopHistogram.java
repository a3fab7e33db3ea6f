package weir.metrics;

import com.codahale.metrics.Histogram;

/**
 * A histogram of durations with fixed buckets from 0.5 ms to 60 s, one row of cells per event loop. It takes 144
 * bytes for each loop, whatever it has seen. Writers: loop {@code i} only to row {@code i}; any other thread
 * through {@link #update(long)}. Readers: any thread.
 */
public final class LoopHistogram extends Histogram {
    private final BucketCells cells;
    // Those of the cells, at hand: one object less to look up for each record.
    private final CellPage page;
    private final int first;

    LoopHistogram(CellPage page, int first) {
        this(new BucketCells(page, first), page, first);
    }

    private LoopHistogram(BucketCells cells, CellPage page, int first) {
        super(cells);
        this.cells = cells;
        this.page = page;
        this.first = first;
    }

    /** Records a duration in nanoseconds on the given loop; a negative one counts as 0. */
    public void record(int loop, long nanos) {
        BucketCells.record(page, first, loop, nanos);
    }

    /** Records a duration in nanoseconds on any thread that is no event loop. */
    @Override
    public void update(long nanos) {
        cells.update(nanos);
    }

    @Override
    public long getCount() {
        long count = 0;
        for (long c : cells.counts()) {
            count += c;
        }
        return count;
    }

    /** The buckets of this moment; count and buckets always agree, the sum may be a few records off. */
    @Override
    public BucketSnapshot getSnapshot() {
        return new BucketSnapshot(cells.counts(), cells.sum());
    }
}
