package weir.service;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * The numbers of one backend that requests change. What all event loops share stands together, a cache line away from
 * everything else; what is only added up has a row per loop that this loop alone writes, without a locked instruction.
 * Thread-safe; a row is written on its own loop only.
 */
final class BackendCounters {
    static final int IN_FLIGHT = 8;
    static final int CONNECTIONS = 9;
    static final int LATENCY_NANOS = 10;
    static final int CONSECUTIVE_ERRORS = 11;
    static final int CONSECUTIVE_CONNECT_FAILURES = 12;

    static final int REQUESTS = 0;
    static final int ERRORS = 1;
    /** Responses of status class 1 to 5 follow this one. */
    static final int RESPONSES = 1;

    /** Seven longs in use and nine of padding, so that no two rows touch one cache line wherever the array starts. */
    private static final int ROW = 16;

    private static final int ROWS = 24;
    private static final VarHandle CELL = MethodHandles.arrayElementVarHandle(long[].class);

    private final long[] cells;

    BackendCounters(int loops) {
        this.cells = new long[ROWS + loops * ROW];
    }

    long shared(int cell) {
        return (long) CELL.getOpaque(cells, cell);
    }

    void setShared(int cell, long value) {
        CELL.setOpaque(cells, cell, value);
    }

    /** Adds atomically and returns the value after. */
    long addShared(int cell, long n) {
        return (long) CELL.getAndAdd(cells, cell, n) + n;
    }

    /** Adds one unless the value is at the limit; 0 means none. What is granted never exceeds the limit. */
    boolean tryAdd(int cell, int limit) {
        long before = (long) CELL.getAndAdd(cells, cell, 1L);
        if (limit > 0 && before >= limit) {
            CELL.getAndAdd(cells, cell, -1L);
            return false;
        }
        return true;
    }

    /** Adds one to the row of a loop. */
    void increment(int loop, int column) {
        int i = ROWS + loop * ROW + column;
        CELL.setOpaque(cells, i, (long) CELL.getOpaque(cells, i) + 1);
    }

    /** The sum over all loops. */
    long sum(int column) {
        long sum = 0;
        for (int i = ROWS + column; i < cells.length; i += ROW) {
            sum += (long) CELL.getOpaque(cells, i);
        }
        return sum;
    }
}
