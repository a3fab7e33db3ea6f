package weir.metrics;

import com.codahale.metrics.Counter;

/**
 * A counter with one cell per event loop, those of different loops cache lines apart: each loop writes its own without
 * a locked instruction, readers add them up. Writers: loop {@code i} only to cell {@code i}; any other thread through
 * {@link #inc()}. Readers: any thread.
 */
public final class LoopCounter extends Counter {
    private final CellPage page;
    private final int cell;

    LoopCounter(CellPage page, int cell) {
        this.page = page;
        this.cell = cell;
    }

    /** Adds one on the given loop. */
    public void increment(int loop) {
        page.add(loop, cell, 1);
    }

    /** Adds to the given loop's cell; negative for gauges that go both ways. */
    public void add(int loop, long n) {
        page.add(loop, cell, n);
    }

    @Override
    public long getCount() {
        return super.getCount() + page.sum(cell);
    }
}
