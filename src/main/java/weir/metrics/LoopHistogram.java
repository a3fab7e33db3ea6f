package weir.metrics;

import com.codahale.metrics.Histogram;

/**
 * A histogram of durations with fixed buckets from 0.5 ms to 60 s, one row of cells per event loop. It takes 144
 * bytes for each loop, whatever it has seen. Writers: loop {@code i} only to row {@code i}; any other thread
 * through {@link #update(long)}. Readers: any thread.
 */
public final class LoopHistogram extends Histogram {
    private final BucketCells cells;

    LoopHistogram(CellPage page, int first) {
        this(new BucketCells(page, first));
    }

    private LoopHistogram(BucketCells cells) {
        super(cells);
        this.cells = cells;
    }

    /** Records a duration in nanoseconds on the given loop; a negative one counts as 0. */
    public void record(int loop, long nanos) {
        cells.record(loop, nanos);
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
