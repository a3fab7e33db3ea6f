package weir.metrics;

import com.codahale.metrics.Counter;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * A counter with one cell per event loop, a cache line apart: each loop writes its own without a locked instruction,
 * readers add them up. Writers: loop {@code i} only to cell {@code i}. Readers: any thread.
 */
public final class LoopCounter extends Counter {
    private static final int PAD = 16;
    private static final VarHandle CELL = MethodHandles.arrayElementVarHandle(long[].class);

    private final long[] cells;

    LoopCounter(int loops) {
        this.cells = new long[(loops + 1) * PAD];
    }

    /** Adds one on the given loop. */
    public void increment(int loop) {
        add(loop, 1);
    }

    /** Adds to the given loop's cell; negative for gauges that go both ways. */
    public void add(int loop, long n) {
        int i = (loop + 1) * PAD;
        CELL.setOpaque(cells, i, (long) CELL.getOpaque(cells, i) + n);
    }

    @Override
    public long getCount() {
        long sum = super.getCount();
        for (int i = PAD; i < cells.length; i += PAD) {
            sum += (long) CELL.getOpaque(cells, i);
        }
        return sum;
    }
}
