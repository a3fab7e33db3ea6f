package weir.metrics;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * The cells of a few dozen counters: one row for each event loop, so that rows of different loops share no cache line
 * while the counters of one loop stand close together. A counter costs eight bytes for each loop, which keeps a process
 * with 10,000 backends small. Cells are never given out twice: who still holds a forgotten counter harms nobody.
 */
final class CounterPage {
    static final int COUNTERS = 64;
    private static final int PAD = 16;
    private static final VarHandle CELL = MethodHandles.arrayElementVarHandle(long[].class);

    private final long[][] rows;
    private int used;

    CounterPage(int loops) {
        this.rows = new long[loops][COUNTERS + 2 * PAD];
    }

    /** The next free cell, or -1 when all are taken. Called under the lock of {@link Metrics}. */
    int take() {
        return used < COUNTERS ? PAD + used++ : -1;
    }

    void add(int loop, int cell, long n) {
        long[] row = rows[loop];
        CELL.setOpaque(row, cell, (long) CELL.getOpaque(row, cell) + n);
    }

    long sum(int cell) {
        long sum = 0;
        for (long[] row : rows) {
            sum += (long) CELL.getOpaque(row, cell);
        }
        return sum;
    }
}
