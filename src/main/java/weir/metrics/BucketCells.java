package weir.metrics;

import com.codahale.metrics.Reservoir;
import com.codahale.metrics.Snapshot;

/**
 * Counts by bucket of duration, in cells of a page: the sum of all durations and then one for each bucket, so that
 * the sum stands beside the buckets of short ones, which are the most.
 */
final class BucketCells implements Reservoir {
    private static final long MICROSECOND = 1_000;
    /** The upper bounds in nanoseconds, inclusive; a last bucket without bound follows. */
    private static final long[] BOUNDS = {
        500 * MICROSECOND,
        1_000 * MICROSECOND,
        2_500 * MICROSECOND,
        5_000 * MICROSECOND,
        10_000 * MICROSECOND,
        25_000 * MICROSECOND,
        50_000 * MICROSECOND,
        100_000 * MICROSECOND,
        250_000 * MICROSECOND,
        500_000 * MICROSECOND,
        1_000_000 * MICROSECOND,
        2_500_000 * MICROSECOND,
        5_000_000 * MICROSECOND,
        10_000_000 * MICROSECOND,
        30_000_000 * MICROSECOND,
        60_000_000 * MICROSECOND
    };

    static final int BUCKETS = BOUNDS.length + 1;
    /** Cells it takes of a page. */
    static final int CELLS = BUCKETS + 1;

    /** By number of leading zeros: the first bucket a duration of that magnitude may fall into. */
    private static final byte[] FIRST = new byte[65];

    static {
        for (int zeros = 0; zeros <= 64; zeros++) {
            long least = zeros == 64 ? 0 : 1L << (63 - zeros);
            int bucket = 0;
            while (zeros > 0 && bucket < BOUNDS.length && least > BOUNDS[bucket]) {
                bucket++;
            }
            FIRST[zeros] = (byte) bucket;
        }
    }

    private final CellPage page;
    private final int first;

    BucketCells(CellPage page, int first) {
        this.page = page;
        this.first = first;
    }

    static long bound(int bucket) {
        return BOUNDS[bucket];
    }

    static int bucket(long nanos) {
        int bucket = FIRST[Long.numberOfLeadingZeros(nanos)];
        while (bucket < BOUNDS.length && nanos > BOUNDS[bucket]) {
            bucket++;
        }
        return bucket;
    }

    static void record(CellPage page, int first, int loop, long nanos) {
        long duration = Math.max(0, nanos);
        page.add(loop, first + 1 + bucket(duration), 1);
        page.add(loop, first, duration);
    }

    @Override
    public void update(long nanos) {
        long duration = Math.max(0, nanos);
        page.addShared(first + 1 + bucket(duration), 1);
        page.addShared(first, duration);
    }

    long[] counts() {
        long[] counts = new long[BUCKETS];
        for (int i = 0; i < BUCKETS; i++) {
            counts[i] = page.sum(first + 1 + i);
        }
        return counts;
    }

    long sum() {
        return page.sum(first);
    }

    @Override
    public int size() {
        return BUCKETS;
    }

    @Override
    public Snapshot getSnapshot() {
        return new BucketSnapshot(counts(), sum());
    }
}
