package weir.metrics;

import com.codahale.metrics.Snapshot;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;

/**
 * The buckets of a histogram at one moment. Quantiles are estimated by linear interpolation within a bucket, as
 * Prometheus' {@code histogram_quantile} does; what lies beyond the last bound is given as that bound. Nanoseconds.
 * Immutable.
 */
public final class BucketSnapshot extends Snapshot {
    private final long[] counts;
    private final long sum;
    private final long count;

    BucketSnapshot(long[] counts, long sum) {
        this.counts = counts;
        this.sum = sum;
        long all = 0;
        for (long c : counts) {
            all += c;
        }
        this.count = all;
    }

    /** How many buckets there are, the one without bound included. */
    public int buckets() {
        return counts.length;
    }

    /** The inclusive upper bound of a bucket in nanoseconds; {@link Long#MAX_VALUE} for the last. */
    public long bound(int bucket) {
        return bucket == counts.length - 1 ? Long.MAX_VALUE : BucketCells.bound(bucket);
    }

    /** Durations in that bucket alone. */
    public long count(int bucket) {
        return counts[bucket];
    }

    /** All durations. */
    public long count() {
        return count;
    }

    /** All durations added up, in nanoseconds. */
    public long sum() {
        return sum;
    }

    @Override
    public double getValue(double quantile) {
        double rank = quantile * count;
        double before = 0;
        for (int i = 0; i < counts.length; i++) {
            if (counts[i] > 0 && before + counts[i] >= rank) {
                double low = low(i);
                return low + (high(i) - low) * Math.max(0, rank - before) / counts[i];
            }
            before += counts[i];
        }
        return 0;
    }

    private double low(int bucket) {
        return bucket == 0 ? 0 : BucketCells.bound(bucket - 1);
    }

    private double high(int bucket) {
        return BucketCells.bound(Math.min(bucket, counts.length - 2));
    }

    @Override
    public long[] getValues() {
        return counts.clone();
    }

    @Override
    public int size() {
        return (int) Math.min(Integer.MAX_VALUE, count);
    }

    @Override
    public long getMax() {
        for (int i = counts.length - 1; i >= 0; i--) {
            if (counts[i] > 0) {
                return (long) high(i);
            }
        }
        return 0;
    }

    @Override
    public double getMean() {
        return count == 0 ? 0 : (double) sum / count;
    }

    @Override
    public long getMin() {
        for (int i = 0; i < counts.length; i++) {
            if (counts[i] > 0) {
                return (long) low(i);
            }
        }
        return 0;
    }

    @Override
    public double getStdDev() {
        if (count == 0) {
            return 0;
        }
        double mean = getMean();
        double squares = 0;
        for (int i = 0; i < counts.length; i++) {
            double distance = (low(i) + high(i)) / 2 - mean;
            squares += counts[i] * distance * distance;
        }
        return Math.sqrt(squares / count);
    }

    @Override
    public void dump(OutputStream output) {
        PrintWriter out = new PrintWriter(output, true, StandardCharsets.UTF_8);
        for (int i = 0; i < counts.length; i++) {
            out.println(bound(i) + " " + counts[i]);
        }
    }
}
