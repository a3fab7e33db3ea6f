package weir.http2;

/**
 * The dynamic table of an HPACK decoder (RFC 7541 sections 2.3.2 and 4): the fields the peer has named before, newest
 * first. The bytes lie in one array, the entries in a ring; nothing is allocated once they have grown, and nothing at
 * all for a peer that adds no entry. Confined to one event loop.
 */
final class DynamicTable {
    /** What each entry counts beyond its bytes. */
    private static final int OVERHEAD = 32;

    private static final byte[] NO_BYTES = {};
    private static final int[] NO_ENTRIES = {};

    private final int most;
    private int limit;
    private int size;

    private byte[] bytes = NO_BYTES;
    private int from;
    private int end;

    /** Three numbers for each entry: where it starts, name length, value length. */
    private int[] ring = NO_ENTRIES;

    private int oldest;
    private int count;

    /** A table whose size, as the RFC counts it, is at most so many bytes. */
    DynamicTable(int most) {
        this.most = most;
        this.limit = most;
    }

    /** Changes the size; false when it is more than was agreed. */
    boolean resize(int to) {
        if (to < 0 || to > most) {
            return false;
        }
        limit = to;
        evict(limit);
        return true;
    }

    /** How many entries there are. */
    int count() {
        return count;
    }

    /** The bytes that the ranges point into, until the next {@link #add}. */
    byte[] array() {
        return bytes;
    }

    /** Where the entry's name starts, its value right behind; the newest entry is number 0. */
    int start(int entry) {
        return ring[slot(entry)];
    }

    int nameLength(int entry) {
        return ring[slot(entry) + 1];
    }

    int valueLength(int entry) {
        return ring[slot(entry) + 2];
    }

    private int slot(int entry) {
        return (oldest + count - 1 - entry) % (ring.length / 3) * 3;
    }

    /** Adds a field, dropping old ones for it; one that is larger than the table only empties it. */
    void add(byte[] name, int nameStart, int nameLength, byte[] value, int valueStart, int valueLength) {
        int needed = nameLength + valueLength + OVERHEAD;
        if (needed > limit) {
            evict(0);
            return;
        }
        // The name may be of an entry that goes now; its bytes stay where they are.
        evict(limit - needed);
        int at = room(nameLength + valueLength);
        System.arraycopy(name, nameStart, bytes, at, nameLength);
        System.arraycopy(value, valueStart, bytes, at + nameLength, valueLength);
        end = at + nameLength + valueLength;
        size += needed;
        if (count * 3 == ring.length) {
            grow();
        }
        count++;
        int slot = slot(0);
        ring[slot] = at;
        ring[slot + 1] = nameLength;
        ring[slot + 2] = valueLength;
    }

    private int room(int needed) {
        if (bytes.length - end >= needed) {
            return end;
        }
        // A new array instead of a move within this one: the caller's name may lie anywhere in it.
        int used = end - from;
        byte[] moved = new byte[Math.max(256, Math.max(2 * (used + needed), bytes.length))];
        System.arraycopy(bytes, from, moved, 0, used);
        for (int i = 0; i < count; i++) {
            ring[slot(i)] -= from;
        }
        bytes = moved;
        from = 0;
        end = used;
        return end;
    }

    private void grow() {
        int entries = ring.length / 3;
        int[] larger = new int[Math.max(8, entries * 2) * 3];
        for (int i = 0; i < count; i++) {
            System.arraycopy(ring, (oldest + i) % entries * 3, larger, i * 3, 3);
        }
        oldest = 0;
        ring = larger;
    }

    private void evict(int to) {
        while (size > to) {
            int slot = oldest * 3;
            size -= ring[slot + 1] + ring[slot + 2] + OVERHEAD;
            from = ring[slot] + ring[slot + 1] + ring[slot + 2];
            oldest = (oldest + 1) % (ring.length / 3);
            count--;
        }
        if (count == 0) {
            from = end;
        }
    }
}
