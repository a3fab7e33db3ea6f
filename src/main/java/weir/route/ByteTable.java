package weir.route;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import weir.http.FieldSyntax;

/**
 * A hash table from bytes to values that is asked with a range of an arena and a hash that the caller computes while
 * it walks that range, with {@link #step}. Open addressing at most half full: a look-up costs O(1). Immutable.
 */
final class ByteTable<V> {
    private static final ByteTable<Object> EMPTY = new ByteTable<>(2, 0);

    /** A key and its value beside it for each slot, and no hashes: each array is a cache line of its own to look up. */
    private final @Nullable Object[] entries;

    private final boolean[] lengths;
    private final int mask;

    private ByteTable(int slots, int longest) {
        entries = new Object[2 * slots];
        lengths = new boolean[longest + 1];
        mask = slots - 1;
    }

    /** A table whose hashes run over the keys from their first byte to the last. */
    static <V> ByteTable<V> forward(Map<String, V> entries) {
        return of(entries, key -> key);
    }

    /** A table whose hashes run over the keys from their last byte to the first. */
    static <V> ByteTable<V> backward(Map<String, V> entries) {
        return of(entries, key -> new StringBuilder(key).reverse().toString());
    }

    @SuppressWarnings("unchecked") // one without values is of any type
    private static <V> ByteTable<V> of(Map<String, V> entries, UnaryOperator<String> hashed) {
        if (entries.isEmpty()) {
            return (ByteTable<V>) EMPTY;
        }
        int slots = Integer.highestOneBit(Math.max(entries.size(), 1) * 2 - 1) * 2;
        int longest = entries.keySet().stream().mapToInt(String::length).max().orElse(0);
        ByteTable<V> table = new ByteTable<>(slots, longest);
        entries.forEach((key, value) -> {
            int hash = 0;
            for (byte b : hashed.apply(key).getBytes(StandardCharsets.ISO_8859_1)) {
                hash = step(hash, b);
            }
            table.put(hash, key.getBytes(StandardCharsets.ISO_8859_1), value);
        });
        return table;
    }

    private void put(int hash, byte[] key, Object value) {
        int slot = slot(hash);
        while (key(slot) != null) {
            slot = slot + 1 & mask;
        }
        entries[2 * slot] = key;
        entries[2 * slot + 1] = value;
        lengths[key.length] = true;
    }

    /** The hash of some bytes and one more. */
    static int step(int hash, byte next) {
        return hash * 31 + next;
    }

    private byte @Nullable [] key(int slot) {
        return (byte[]) entries[2 * slot];
    }

    private int slot(int hash) {
        int mixed = hash * 0x9E3779B9;
        return (mixed ^ mixed >>> 16) & mask;
    }

    /** Whether a key of so many bytes exists: without one there is no need to look. */
    boolean holds(int length) {
        return length < lengths.length && lengths[length];
    }

    /** Bytes of the longest key. */
    int longest() {
        return lengths.length - 1;
    }

    /** The value of exactly these bytes, or null. */
    @SuppressWarnings("unchecked") // only of() puts values
    @Nullable
    V get(int hash, byte[] a, int start, int length) {
        int slot = slot(hash);
        for (byte[] key = key(slot); key != null; key = key(slot)) {
            if (key.length == length && Arrays.equals(key, 0, length, a, start, start + length)) {
                return (V) entries[2 * slot + 1];
            }
            slot = slot + 1 & mask;
        }
        return null;
    }

    /** The value of these bytes in any case, or null; the keys are in lower case and so is what was hashed. */
    @SuppressWarnings("unchecked") // only of() puts values
    @Nullable
    V getIgnoreCase(int hash, byte[] a, int start, int length) {
        int slot = slot(hash);
        for (byte[] key = key(slot); key != null; key = key(slot)) {
            if (key.length == length && FieldSyntax.equalsIgnoreCase(a, start, key)) {
                return (V) entries[2 * slot + 1];
            }
            slot = slot + 1 & mask;
        }
        return null;
    }

    /** Every value. */
    @SuppressWarnings("unchecked") // only of() puts values
    List<V> values() {
        return (List<V>) IntStream.rangeClosed(0, mask)
                .mapToObj(slot -> entries[2 * slot + 1])
                .filter(Objects::nonNull)
                .toList();
    }

    /** How many slots the worst look-up visits before it ends: the longest run of used slots and the free one. */
    int longestProbe() {
        int longest = 0;
        for (int i = 0; i <= mask; i++) {
            int run = 0;
            while (key(i + run & mask) != null) {
                run++;
            }
            longest = Math.max(longest, run + 1);
        }
        return longest;
    }
}
