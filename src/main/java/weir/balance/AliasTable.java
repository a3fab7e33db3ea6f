package weir.balance;

/**
 * Draws an index with a probability in proportion to its weight in O(1): Walker's alias method, built in O(n) as by
 * Vose (1991). The range is cut into columns of equal width, one for each index; the upper part of a column may belong
 * to another index, its alias. Probabilities are right to 2<sup>-31</sup> of a column. Immutable.
 */
final class AliasTable {
    private static final int SCALE_BITS = 31;
    private static final long FULL = 1L << SCALE_BITS;

    /** In each column, the height below which it is its own (upper half), and its alias (lower half): one read. */
    private final long[] columns;

    private AliasTable(long[] columns) {
        this.columns = columns;
    }

    /** Weights are at least 1. */
    static AliasTable of(int[] weights) {
        int n = weights.length;
        long total = 0;
        for (int weight : weights) {
            total += weight;
        }
        double[] heights = new double[n];
        // From the left those that do not fill their column, from the right those that do.
        int[] waiting = new int[n];
        int small = 0;
        int large = n;
        for (int i = 0; i < n; i++) {
            heights[i] = (double) weights[i] * n / total;
            if (heights[i] < 1) {
                waiting[small++] = i;
            } else {
                waiting[--large] = i;
            }
        }
        return new AliasTable(columns(heights, waiting, small, large));
    }

    private static long[] columns(double[] heights, int[] waiting, int small, int large) {
        int n = heights.length;
        long[] columns = new long[n];
        int smalls = small;
        int larges = large;
        while (smalls > 0 && larges < n) {
            int low = waiting[--smalls];
            int high = waiting[larges];
            columns[low] = Math.round(heights[low] * FULL) << Integer.SIZE | high;
            heights[high] -= 1 - heights[low];
            if (heights[high] < 1) {
                larges++;
                waiting[smalls++] = high;
            }
        }
        // Whatever is left fills its column but for rounding.
        for (int i = 0; i < smalls; i++) {
            columns[waiting[i]] = waiting[i];
        }
        for (int i = larges; i < n; i++) {
            columns[waiting[i]] = waiting[i];
        }
        return columns;
    }

    /** The index for 64 random bits: the upper ones choose the column, the lower ones the height in it. */
    int draw(long bits) {
        int column = (int) ((bits >>> Integer.SIZE) * columns.length >>> Integer.SIZE);
        long drawn = columns[column];
        return (bits & FULL - 1) < drawn >>> Integer.SIZE ? column : (int) drawn;
    }
}
