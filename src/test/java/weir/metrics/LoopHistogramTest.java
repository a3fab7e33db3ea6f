package weir.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LoopHistogramTest {
    private static final double[] SECONDS = {
        0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60
    };

    private final LoopHistogram histogram = new Metrics(2).histogram(MetricFamily.EVENT_LOOP_LAG);

    @Test
    void boundsAreTheDocumentedOnes() {
        BucketSnapshot snapshot = histogram.getSnapshot();
        assertEquals(SECONDS.length + 1, snapshot.buckets());
        for (int i = 0; i < SECONDS.length; i++) {
            assertEquals(SECONDS[i], snapshot.bound(i) / 1e9, 1e-12);
        }
        assertEquals(Long.MAX_VALUE, snapshot.bound(SECONDS.length));
    }

    @Test
    void agreesWithANaiveCountOnEveryBoundAndOnRandomDurations() {
        long[] naive = new long[SECONDS.length + 1];
        long sum = 0;
        Random random = new Random(5);
        for (int i = 0; i < 200_000; i++) {
            long nanos = i < SECONDS.length * 3
                    ? Math.round(SECONDS[i / 3] * 1e9) + i % 3 - 1
                    : (long) Math.exp(random.nextDouble() * 26);
            histogram.record(i & 1, nanos);
            int bucket = 0;
            while (bucket < SECONDS.length && nanos > Math.round(SECONDS[bucket] * 1e9)) {
                bucket++;
            }
            naive[bucket]++;
            sum += nanos;
        }
        BucketSnapshot snapshot = histogram.getSnapshot();
        for (int i = 0; i < naive.length; i++) {
            assertEquals(naive[i], snapshot.count(i), "bucket " + i);
            assertTrue(naive[i] > 0, "bucket " + i + " is tried");
        }
        assertEquals(200_000, snapshot.count());
        assertEquals(200_000, histogram.getCount());
        assertEquals(sum, snapshot.sum());
    }

    @Test
    void takesAnyLong() {
        for (long nanos : new long[] {Long.MIN_VALUE, -1, 0, 1, Long.MAX_VALUE}) {
            histogram.record(0, nanos);
        }
        assertEquals(4, histogram.getSnapshot().count(0));
        assertEquals(1, histogram.getSnapshot().count(SECONDS.length));
    }

    @Test
    void quantilesLieInTheBucketOfTheTrueOne() {
        Random random = new Random(9);
        long[] all = new long[50_000];
        for (int i = 0; i < all.length; i++) {
            all[i] = (long) (Math.exp(random.nextGaussian()) * 20_000_000);
            histogram.record(i & 1, all[i]);
        }
        Arrays.sort(all);
        BucketSnapshot snapshot = histogram.getSnapshot();
        for (double q : new double[] {0.01, 0.5, 0.75, 0.95, 0.99, 0.999}) {
            long exact = all[(int) Math.ceil(q * all.length) - 1];
            int estimated = BucketCells.bucket((long) snapshot.getValue(q));
            assertEquals(BucketCells.bucket(exact), estimated, q + ": " + exact + " as " + snapshot.getValue(q));
        }
        assertEquals(Arrays.stream(all).average().orElseThrow(), snapshot.getMean(), 1);
        assertTrue(snapshot.getMin() <= all[0] && snapshot.getMax() >= all[all.length - 1]);
    }

    @Test
    void anEmptyOneIsZeroEverywhere() {
        BucketSnapshot snapshot = histogram.getSnapshot();
        assertEquals(0, snapshot.getMedian());
        assertEquals(0, snapshot.getMean());
        assertEquals(0, snapshot.getMax());
        assertEquals(0, snapshot.getMin());
        assertEquals(0, snapshot.getStdDev());
        assertEquals(0, snapshot.size());
    }

    @Test
    void losesNothingWhenLoopsAndOtherThreadsRecordAtOnce() throws InterruptedException {
        Thread[] threads = new Thread[4];
        for (int i = 0; i < threads.length; i++) {
            int number = i;
            threads[i] = new Thread(() -> {
                for (int n = 0; n < 100_000; n++) {
                    if (number < 2) {
                        histogram.record(number, n);
                    } else {
                        histogram.update(n);
                    }
                }
            });
            threads[i].start();
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertEquals(400_000, histogram.getCount());
        assertEquals(4L * 99_999 * 100_000 / 2, histogram.getSnapshot().sum());
    }

    @Test
    void recordsWithoutAllocation() {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        LoopCounter counter = new Metrics(1).counter("weir_requests_total");
        long allocated = 0;
        for (int round = 0; round < 2; round++) {
            long before = threads.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < 100_000; i++) {
                histogram.record(1, i * 1_000L);
                counter.increment(0);
            }
            allocated = threads.getCurrentThreadAllocatedBytes() - before;
        }
        assertTrue(allocated < 100_000, allocated + " bytes for 100,000 records");
    }
}
