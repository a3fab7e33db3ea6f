package weir.balance;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import weir.service.Backend;
import weir.service.LoadListener;

/**
 * The loads of a list of backends, (in flight + 1) / weight, with the least of every 16 above them, the least of every
 * 16 of these above them, and so on: the least load of all, and who has it, is found in O(log n). Loads are compared as
 * floats: those that differ by less than a ten-millionth are equal.
 *
 * <p>Event loops keep it up to date without locks. Who has changed a cell looks at what it was computed from once more,
 * and corrects it until both agree; who changed what a cell is computed from looks at the cell afterwards. So the last
 * of them leaves it right, and only while a change is under way can a look-up find what was right a moment ago. A cell
 * that stays as it is ends the way up: with many equals, most changes write one cell. The f-array of Jayanti (2002)
 * does the same with a compare-and-swap per level, in exchange for look-ups that are never behind. Thread-safe.
 */
final class LoadTree implements LoadListener {
    private static final VarHandle CELL = MethodHandles.arrayElementVarHandle(int[].class);
    private static final int SHIFT = 4;
    private static final int GROUP = 1 << SHIFT;
    /** Where there is no backend: above every load. */
    private static final int NOBODY = Integer.MAX_VALUE;

    private final Backend[] backends;
    private final int[] weights;
    /** One level behind the other, whole groups each: first a cell for each backend, last a single group. */
    private final int[] cells;

    private final int[] starts;

    /** Does not know the loads before {@link #follow}. */
    LoadTree(Backend[] backends, int[] weights) {
        this.backends = backends;
        this.weights = weights;
        int levels = 1;
        int end = groups(backends.length) * GROUP;
        for (int groups = groups(backends.length); groups > 1; groups = groups(groups)) {
            levels++;
            end += groups(groups) * GROUP;
        }
        cells = new int[end];
        Arrays.fill(cells, NOBODY);
        starts = new int[levels + 1];
        int groups = groups(backends.length);
        for (int level = 0; level < levels; level++) {
            starts[level + 1] = starts[level] + groups * GROUP;
            groups = groups(groups);
        }
    }

    private static int groups(int nodes) {
        return Math.max(1, nodes + GROUP - 1 >> SHIFT);
    }

    /** Has every backend report its changes here, and no longer to another tree. */
    void follow() {
        for (int i = 0; i < backends.length; i++) {
            backends[i].follow(this, i);
        }
        VarHandle.fullFence();
        for (int i = 0; i < backends.length; i++) {
            refreshLeaf(i);
        }
        for (int level = 1; level < levels(); level++) {
            for (int node = 0; node < (starts[level] - starts[level - 1]) >> SHIFT; node++) {
                refresh(level, node);
            }
        }
    }

    private int levels() {
        return starts.length - 1;
    }

    @Override
    public void loadChanged(int place) {
        refreshLeaf(place);
        int node = place;
        for (int level = 1; level < levels(); level++) {
            node >>= SHIFT;
            if (!refresh(level, node)) {
                return;
            }
        }
    }

    private void refreshLeaf(int place) {
        Backend backend = backends[place];
        int inFlight = backend.inFlight();
        while (true) {
            set(place, load(inFlight, weights[place]));
            int now = backend.inFlight();
            if (now == inFlight) {
                return;
            }
            inFlight = now;
        }
    }

    /** Whether it changed. */
    private boolean refresh(int level, int node) {
        int cell = starts[level] + node;
        int from = starts[level - 1] + (node << SHIFT);
        int least = least(from);
        if (cell(cell) == least) {
            return false;
        }
        while (true) {
            set(cell, least);
            int now = least(from);
            if (now == least) {
                return true;
            }
            least = now;
        }
    }

    /** Positive floats compare as their bits do. */
    private static int load(int inFlight, int weight) {
        return Float.floatToRawIntBits((Math.max(0, inFlight) + 1f) / weight);
    }

    /** A plain read: two volatile ones with a bounds check each would double what a change costs. */
    private int cell(int index) {
        return cells[index];
    }

    /** What the caller reads next is not older than this write. */
    private void set(int index, int value) {
        CELL.setRelease(cells, index, value);
        VarHandle.fullFence();
    }

    private int least(int from) {
        int least = NOBODY;
        for (int i = from; i < from + GROUP; i++) {
            least = Math.min(least, cell(i));
        }
        return least;
    }

    /** The least load of all, as a number that says nothing but the order. */
    int least() {
        return least(starts[levels() - 1]);
    }

    /**
     * The place of the first backend from that place on that has this load or a lesser one, from the first backend again
     * behind the last; -1 for none.
     */
    int next(int from, int load) {
        int found = following(from, load);
        return found >= 0 || from == 0 ? found : following(0, load);
    }

    private int following(int from, int load) {
        int level = 0;
        int node = from;
        while (level < levels()) {
            int found = inGroup(starts[level] + node, load);
            if (found < 0) {
                // Not in the rest of this group: on with the next one, a level above.
                node = (node >> SHIFT) + 1;
                level++;
                if (level < levels() && starts[level] + node >= starts[level + 1]) {
                    return -1;
                }
            } else if (level == 0) {
                return found;
            } else {
                node = found - starts[level] << SHIFT;
                level--;
            }
        }
        return -1;
    }

    /** From a cell to the end of its group; every level begins with a whole group. */
    private int inGroup(int from, int load) {
        int end = (from | GROUP - 1) + 1;
        for (int i = from; i < end; i++) {
            if (cell(i) <= load) {
                return i;
            }
        }
        return -1;
    }

    /** The place of the least load among those not tried, from that place on; -1 when all are. O(n). */
    int leastUntried(int from, Backend[] tried, int n) {
        int best = -1;
        int bestLoad = NOBODY;
        int at = from;
        for (int i = 0; i < backends.length; i++) {
            int load = cell(at);
            if (load < bestLoad && !Tried.contains(tried, n, backends[at])) {
                best = at;
                bestLoad = load;
            }
            at = at + 1 < backends.length ? at + 1 : 0;
        }
        return best;
    }
}
