package weir.metrics;

import com.codahale.metrics.Reservoir;
import com.codahale.metrics.Snapshot;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Counts by bucket of duration, one row for each event loop and one that all other threads share. Rows are padded so
 * that no two loops write to one cache line.
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
    private static final int PAD = 16;
    private static final int SUM = PAD + BUCKETS;
    private static final VarHandle CELL = MethodHandles.arrayElementVarHandle(long[].class);
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

    private final long[][] rows;

    BucketCells(int loops) {
        this.rows = new long[loops + 1][SUM + 1 + PAD];
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

    void record(int loop, long nanos) {
        long duration = Math.max(0, nanos);
        long[] row = rows[loop];
        int cell = PAD + bucket(duration);
        CELL.setOpaque(row, cell, (long) CELL.getOpaque(row, cell) + 1);
        CELL.setOpaque(row, SUM, (long) CELL.getOpaque(row, SUM) + duration);
    }

    @Override
    public void update(long nanos) {
        long duration = Math.max(0, nanos);
        long[] row = rows[rows.length - 1];
        CELL.getAndAdd(row, PAD + bucket(duration), 1L);
        CELL.getAndAdd(row, SUM, duration);
    }

    long[] counts() {
        long[] counts = new long[BUCKETS];
        for (long[] row : rows) {
            for (int i = 0; i < BUCKETS; i++) {
                counts[i] += (long) CELL.getOpaque(row, PAD + i);
            }
        }
        return counts;
    }

    long sum() {
        long sum = 0;
        for (long[] row : rows) {
            sum += (long) CELL.getOpaque(row, SUM);
        }
        return sum;
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
