package weir.metrics;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * The cells of many counters and histograms: one row for each event loop and one that all other threads share. Rows
 * share no cache line, while what one loop writes stands close together; so a cell costs eight bytes for each loop,
 * which keeps a process with 10,000 backends small. Pages are large, for a look at a cell costs one at its page and its
 * row too. Cells are never given out twice: who still holds a forgotten counter harms nobody.
 */
final class CellPage {
    private static final int CELLS = 4096;
    private static final int PAD = 16;
    private static final VarHandle CELL = MethodHandles.arrayElementVarHandle(long[].class);

    private final long[][] rows;
    private int used;

    CellPage(int loops) {
        this.rows = new long[loops + 1][CELLS + 2 * PAD];
    }

    /** The first of that many free cells in a row, or -1 when there are not so many. Under the lock of the owner. */
    int take(int cells) {
        if (used + cells > CELLS) {
            return -1;
        }
        int first = PAD + used;
        used += cells;
        return first;
    }

    /** Adds on an event loop, which alone writes its row: no locked instruction. */
    void add(int loop, int cell, long n) {
        long[] row = rows[loop];
        CELL.setOpaque(row, cell, (long) CELL.getOpaque(row, cell) + n);
    }

    /** Adds on any other thread. */
    void addShared(int cell, long n) {
        CELL.getAndAdd(rows[rows.length - 1], cell, n);
    }

    long sum(int cell) {
        long sum = 0;
        for (long[] row : rows) {
            sum += (long) CELL.getOpaque(row, cell);
        }
        return sum;
    }
}
