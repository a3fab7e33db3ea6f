package weir.http;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The fields of a message as byte ranges of one arena. The parser copies a head into the arena once and indexes it;
 * forwarding is a copy of the ranges in which some are {@linkplain #drop dropped} and others {@linkplain #add added}
 * behind the received ones. Look-up of a {@link KnownField} is O(1); nothing is allocated once arena and index have
 * grown to the traffic's size. Confined to one event loop.
 */
public final class Fields {
    /** Numbers kept for a field: where its name starts, its length, where its value starts, its length. */
    static final int STRIDE = 4;

    static final byte[] COLON_SPACE = {':', ' '};
    static final byte[] LINE_END = {'\r', '\n'};

    private static final int NONE = -1;

    // Marks of a field: dropped before or after keepEdits, never to be indexed.
    private static final byte DROPPED_FIRST = 1;
    private static final byte DROPPED_LATER = 2;
    private static final byte DROPPED = DROPPED_FIRST | DROPPED_LATER;
    private static final byte NEVER_INDEXED = 4;

    /** The number of an added field's name when nobody has looked for it. */
    private static final int UNSEEN = -2;

    private byte[] arena = new byte[1024];
    private int length;
    private int[] spans = new int[STRIDE * 32];
    private byte[] known = new byte[32];
    private short[] next = new short[32];
    private byte[] marks = new byte[32];
    private final short[] first = new short[KnownField.COUNT];
    private final short[] last = new short[KnownField.COUNT];
    private int count;
    private int received;
    private int keptCount;
    private byte drop = DROPPED_FIRST;
    private boolean droppedAny;

    /** Makes an empty set of fields. */
    public Fields() {
        Arrays.fill(first, (short) NONE);
    }

    /** Forgets every field and byte; keeps the memory. */
    public void clear() {
        for (int i = 0; i < count; i++) {
            if (known[i] >= 0) {
                first[known[i]] = NONE;
            }
        }
        count = 0;
        received = 0;
        keptCount = 0;
        drop = DROPPED_FIRST;
        droppedAny = false;
        length = 0;
    }

    // The arena

    /** The bytes that all ranges point into; may be replaced by any call that adds bytes. */
    public byte[] array() {
        return arena;
    }

    /** Bytes of memory that this holds, about. */
    public int heldBytes() {
        return arena.length + spans.length * Integer.BYTES;
    }

    /**
     * Releases all memory but that of those ranges and of the received fields, each value cut to so many bytes; added
     * fields are forgotten. Ranges elsewhere than in {@code kept} are void.
     */
    void compact(int mostOfValue, Span... kept) {
        int size = 0;
        for (Span span : kept) {
            size += span.length();
        }
        for (int i = 0; i < received; i++) {
            size += nameLength(i) + Math.min(mostOfValue, valueLength(i));
        }
        byte[] to = new byte[size];
        int at = 0;
        for (Span span : kept) {
            System.arraycopy(arena, span.start(), to, at, span.length());
            span.set(at, span.length());
            at += span.length();
        }
        for (int i = 0, s = 0; i < received; i++, s += STRIDE) {
            int value = Math.min(mostOfValue, spans[s + 3]);
            System.arraycopy(arena, spans[s], to, at, spans[s + 1]);
            System.arraycopy(arena, spans[s + 2], to, at + spans[s + 1], value);
            spans[s] = at;
            spans[s + 2] = at + spans[s + 1];
            spans[s + 3] = value;
            at += spans[s + 1] + value;
        }
        for (int i = received; i < count; i++) {
            if (known[i] >= 0 && first[known[i]] == i) {
                first[known[i]] = NONE;
            }
        }
        count = received;
        keptCount = received;
        arena = to;
        length = size;
    }

    /** How many bytes of the arena are in use. */
    public int length() {
        return length;
    }

    /** Appends bytes of a buffer, which it reads. Returns where they start. */
    public int append(ByteBuf source, int bytes) {
        ensureRoom(bytes);
        int at = length;
        source.readBytes(arena, at, bytes);
        length = at + bytes;
        return at;
    }

    /** Appends bytes. Returns where they start. */
    public int append(byte[] source, int start, int bytes) {
        ensureRoom(bytes);
        int at = length;
        System.arraycopy(source, start, arena, at, bytes);
        length = at + bytes;
        return at;
    }

    /** Appends 128 bits as 32 digits in lower case. Returns where they start. */
    public int appendHex(long high, long low) {
        ensureRoom(2 * HexDigits.OF_LONG);
        int at = length;
        HexDigits.put(high, arena, at);
        HexDigits.put(low, arena, at + HexDigits.OF_LONG);
        length = at + 2 * HexDigits.OF_LONG;
        return at;
    }

    /**
     * Makes room for so many bytes behind {@link #length()} and returns the arena, so that a writer can put a message
     * together there; the bytes count only once they are {@linkplain #append appended}.
     */
    public byte[] room(int bytes) {
        ensureRoom(bytes);
        return arena;
    }

    /** Cuts the arena to its first bytes: what a parser copied beyond the end of a head. */
    public void truncate(int newLength) {
        length = newLength;
    }

    private void ensureRoom(int bytes) {
        if (arena.length - length < bytes) {
            arena = Arrays.copyOf(arena, Math.max(arena.length * 2, length + bytes));
        }
    }

    // The index

    /** How many fields there are, received and added, dropped ones included. */
    public int count() {
        return count;
    }

    /** How many of them were received; those added have higher indexes. */
    public int received() {
        return received;
    }

    /** Indexes a received field whose bytes are in the arena. Returns its index. */
    public int index(int nameStart, int nameLength, int valueStart, int valueLength) {
        int k = KnownField.number(arena, nameStart, nameLength);
        int i = put(k, nameStart, nameLength, valueStart, valueLength);
        if (k >= 0) {
            if (first[k] < 0) {
                first[k] = (short) i;
            } else {
                next[last[k]] = (short) i;
            }
            last[k] = (short) i;
        }
        received = count;
        keptCount = count;
        return i;
    }

    private int put(int number, int nameStart, int nameLength, int valueStart, int valueLength) {
        int i = count++;
        if (i == known.length) {
            int size = i * 2;
            spans = Arrays.copyOf(spans, size * STRIDE);
            known = Arrays.copyOf(known, size);
            next = Arrays.copyOf(next, size);
            marks = Arrays.copyOf(marks, size);
        }
        int s = i * STRIDE;
        spans[s] = nameStart;
        spans[s + 1] = nameLength;
        spans[s + 2] = valueStart;
        spans[s + 3] = valueLength;
        known[i] = (byte) number;
        next[i] = NONE;
        marks[i] = 0;
        return i;
    }

    /** The index of the first received field of that name, dropped or not; -1 for none. */
    public int first(KnownField field) {
        return first[field.ordinal()];
    }

    /** The index of the next received field of the same known name; -1 for none. */
    public int next(int i) {
        return next[i];
    }

    /** Whether a field of that name was received. */
    public boolean has(KnownField field) {
        return first[field.ordinal()] >= 0;
    }

    /** Which known field a received one is, or null. */
    public @Nullable KnownField known(int i) {
        return known[i] < 0 ? null : KnownField.at(known[i]);
    }

    /** Which known field this one is, received or added, or null. */
    public @Nullable KnownField knownOfAll(int i) {
        return known[i] == UNSEEN ? KnownField.of(arena, nameStart(i), nameLength(i)) : known(i);
    }

    /** Where the name starts in the arena. */
    public int nameStart(int i) {
        return spans[i * STRIDE];
    }

    /** Bytes of the name. */
    public int nameLength(int i) {
        return spans[i * STRIDE + 1];
    }

    /** Where the value starts in the arena. */
    public int valueStart(int i) {
        return spans[i * STRIDE + 2];
    }

    /** Bytes of the value, white space around it left out. */
    public int valueLength(int i) {
        return spans[i * STRIDE + 3];
    }

    /** Whether the name is this one; {@code lower} is in lower case. */
    public boolean nameIs(int i, byte[] lower) {
        return nameLength(i) == lower.length && FieldSyntax.equalsIgnoreCase(arena, nameStart(i), lower);
    }

    /** Whether the value is exactly these bytes. */
    public boolean valueIs(int i, byte[] value) {
        int start = valueStart(i);
        return valueLength(i) == value.length
                && Arrays.equals(arena, start, start + value.length, value, 0, value.length);
    }

    /** Whether the value is this one in any case; {@code lower} is in lower case. */
    public boolean valueIsIgnoreCase(int i, byte[] lower) {
        return valueLength(i) == lower.length && FieldSyntax.equalsIgnoreCase(arena, valueStart(i), lower);
    }

    /** Whether the comma-separated value has that member in any case; {@code lower} is in lower case. */
    public boolean valueLists(int i, byte[] lower) {
        int at = valueStart(i);
        int end = at + valueLength(i);
        while (at < end) {
            int comma = at;
            while (comma < end && arena[comma] != ',') {
                comma++;
            }
            int from = at;
            int to = comma;
            while (from < to && (arena[from] == ' ' || arena[from] == '\t')) {
                from++;
            }
            while (to > from && (arena[to - 1] == ' ' || arena[to - 1] == '\t')) {
                to--;
            }
            if (to - from == lower.length && FieldSyntax.equalsIgnoreCase(arena, from, lower)) {
                return true;
            }
            at = comma + 1;
        }
        return false;
    }

    /** The index of the first received field of that name by search, dropped or not; -1 for none. */
    public int find(byte[] lower) {
        for (int i = 0; i < received; i++) {
            if (nameIs(i, lower)) {
                return i;
            }
        }
        return NONE;
    }

    /** The name as text, for whoever asks; allocates. */
    public String name(int i) {
        return new String(arena, nameStart(i), nameLength(i), StandardCharsets.ISO_8859_1);
    }

    /** The value as text, for whoever asks; allocates. */
    public String value(int i) {
        return new String(arena, valueStart(i), valueLength(i), StandardCharsets.ISO_8859_1);
    }

    /** The value of the first received field of that name as text, or null; allocates. */
    public @Nullable String value(KnownField field) {
        int i = first(field);
        return i < 0 ? null : value(i);
    }

    // Edits: what a forwarded head leaves out and adds

    /** Leaves a field out of what is forwarded; it can still be read. */
    public void drop(int i) {
        if ((marks[i] & DROPPED) == 0) {
            marks[i] |= drop;
            droppedAny = true;
        }
    }

    /** Leaves every received field of that name out of what is forwarded. */
    public void drop(KnownField field) {
        for (int i = first(field); i >= 0; i = next(i)) {
            drop(i);
        }
    }

    /** Leaves every field of that name, received or added, out of what is forwarded. */
    public void drop(byte[] lower) {
        for (int i = 0; i < count; i++) {
            if (nameIs(i, lower)) {
                drop(i);
            }
        }
    }

    /** Marks a field that no HTTP/2 hop may add to a compression table (RFC 7541 section 6.2.3). */
    public void neverIndex(int i) {
        marks[i] |= NEVER_INDEXED;
    }

    /** Whether HTTP/2 must send the field as never indexed. */
    public boolean neverIndexed(int i) {
        return (marks[i] & NEVER_INDEXED) != 0;
    }

    /** Whether the field is left out of what is forwarded. */
    public boolean dropped(int i) {
        return (marks[i] & DROPPED) != 0;
    }

    /**
     * Adds a field with an empty value behind all others; {@link #value(byte[])} and its like then extend that value
     * until the next field is added, or other bytes. The name must be a token in lower case, the value valid by
     * {@link FieldSyntax}.
     */
    public Fields add(byte[] name) {
        return add(UNSEEN, name);
    }

    /** Adds a field of a known name like {@link #add(byte[])}. */
    public Fields add(KnownField field) {
        return add(field.ordinal(), field.bytes());
    }

    // Added fields stand in the arena as HTTP/1.1 sends them, name: value CR LF, so that a writer copies several at
    // once.
    private Fields add(int number, byte[] name) {
        int n = name.length;
        ensureRoom(n + COLON_SPACE.length + LINE_END.length);
        byte[] a = arena;
        int start = length;
        System.arraycopy(name, 0, a, start, n);
        a[start + n] = ':';
        a[start + n + 1] = ' ';
        int at = start + n + COLON_SPACE.length;
        endLine(a, at);
        put(number, start, n, at, 0);
        return this;
    }

    /** Adds fields made beforehand. Returns the index of the first. */
    public int add(FieldLines lines) {
        int n = lines.length();
        ensureRoom(n);
        int at = length;
        System.arraycopy(lines.bytes(), 0, arena, at, n);
        length = at + n;
        int first = count;
        int[] of = lines.spans();
        for (int i = 0, s = 0; i < lines.count(); i++, s += STRIDE) {
            put(lines.number(i), at + of[s], of[s + 1], at + of[s + 2], of[s + 3]);
        }
        return first;
    }

    /** Writes other bytes of the arena over a value, as many as it has. */
    public void overwrite(int i, int start) {
        System.arraycopy(arena, start, arena, valueStart(i), valueLength(i));
    }

    /** Extends the value of the field added last. */
    public Fields value(byte[] bytes) {
        return value(bytes, 0, bytes.length);
    }

    /** Extends the value of the field added last; the bytes may be of this arena. */
    public Fields value(byte[] bytes, int start, int n) {
        byte[] source = bytes;
        ensureRoom(n);
        int at = extend(n);
        System.arraycopy(source, start, arena, at, n);
        endLine(arena, at + n);
        return this;
    }

    /** Extends the value of the field added last by ASCII text. */
    @SuppressWarnings("deprecation") // getBytes(int, int, byte[], int) is the copy of ASCII without a charset
    public Fields value(String ascii) {
        int n = ascii.length();
        ensureRoom(n);
        int at = extend(n);
        ascii.getBytes(0, n, arena, at);
        endLine(arena, at + n);
        return this;
    }

    /** Makes the last value so much longer. Returns where the new part begins. */
    private int extend(int n) {
        int last = (count - 1) * STRIDE;
        int at = spans[last + 2] + spans[last + 3];
        if (at + LINE_END.length != length) {
            throw new IllegalStateException("the value ended before");
        }
        spans[last + 3] += n;
        return at;
    }

    private void endLine(byte[] a, int at) {
        a[at] = '\r';
        a[at + 1] = '\n';
        length = at + LINE_END.length;
    }

    /** Makes the edits so far part of the message: {@link #undoEdits} reverts only later ones. Once for each message. */
    public void keepEdits() {
        keptCount = count;
        drop = DROPPED_LATER;
        droppedAny = false;
    }

    /** Reverts every field added and every drop since {@link #keepEdits}, or since the head was received. */
    public void undoEdits() {
        count = keptCount;
        if (droppedAny) {
            droppedAny = false;
            for (int i = 0; i < count; i++) {
                marks[i] &= (byte) ~drop;
            }
        }
    }
}
