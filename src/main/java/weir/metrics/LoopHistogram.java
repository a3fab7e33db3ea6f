package weir.metrics;

import com.codahale.metrics.Histogram;
import com.codahale.metrics.Reservoir;
import com.codahale.metrics.Snapshot;
import com.codahale.metrics.UniformSnapshot;

/**
 * A histogram of durations with fixed buckets, one row of cells per event loop. Writers: loop {@code i} only to row
 * {@code i}. Readers: any thread.
 */
public final class LoopHistogram extends Histogram {
    LoopHistogram(int loops) {
        super(new Cells(loops));
    }

    /** Records a duration in nanoseconds on the given loop. */
    public void record(int loop, long nanos) {}

    private record Cells(int loops) implements Reservoir {
        @Override
        public int size() {
            return 0;
        }

        @Override
        public void update(long value) {}

        @Override
        public Snapshot getSnapshot() {
            return new UniformSnapshot(new long[0]);
        }
    }
}
