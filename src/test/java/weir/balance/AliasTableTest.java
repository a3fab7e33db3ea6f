package weir.balance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class AliasTableTest {
    private static final int HEIGHTS = 1000;

    @Test
    void givesEachIndexItsShareOfAllDraws() {
        SplittableRandom random = new SplittableRandom(3);
        for (int n : new int[] {1, 2, 3, 7, 64, 100}) {
            assertShares(random.ints(n, 1, 101).toArray());
        }
        assertShares(1, 1, 1, 1, 1);
        assertShares(1000, 1);
        assertShares(1, 1, 1, 1, 1, 1, 1, 1, 1, 91);
        assertShares(Integer.MAX_VALUE, Integer.MAX_VALUE, Integer.MAX_VALUE / 2);
    }

    /** Draws from a grid over all random bits: every column, and a thousand heights in each. */
    private static void assertShares(int... weights) {
        AliasTable table = AliasTable.of(weights);
        int n = weights.length;
        int[] counts = new int[n];
        for (int column = 0; column < n; column++) {
            for (int height = 0; height < HEIGHTS; height++) {
                long upper = (2L * column + 1 << Integer.SIZE) / (2L * n);
                long lower = (2L * height + 1 << 31) / (2L * HEIGHTS);
                counts[table.draw(upper << Integer.SIZE | lower)]++;
            }
        }
        double total = IntStream.of(weights).asLongStream().sum();
        for (int i = 0; i < n; i++) {
            // Each column rounds to a height of the grid.
            assertEquals(weights[i] / total * n * HEIGHTS, counts[i], n, Arrays.toString(weights) + " at " + i);
        }
    }

    @Test
    void staysInRangeForAnyBits() {
        AliasTable table = AliasTable.of(new int[] {5, 1, 3});
        for (long bits : new long[] {0, -1, Long.MAX_VALUE, Long.MIN_VALUE, 0xFFFF_FFFFL, 0x7FFF_FFFFL}) {
            int drawn = table.draw(bits);
            assertTrue(drawn >= 0 && drawn < 3, bits + " gave " + drawn);
        }
    }
}
