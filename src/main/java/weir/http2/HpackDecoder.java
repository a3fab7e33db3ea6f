package weir.http2;

import weir.http.FieldSink;

/**
 * Decodes header blocks (RFC 7541). One for each direction of a connection, as it keeps the dynamic table. Every field
 * goes to a {@link FieldSink}, also those that nobody wants, since the table depends on all of them. Nothing is
 * allocated but for fields that the peer adds to the table. Confined to one event loop.
 */
final class HpackDecoder {
    /** SETTINGS_HEADER_TABLE_SIZE as it is when nothing is said of it. */
    static final int TABLE_SIZE = 4096;

    private static final int MALFORMED = -1;
    private static final byte[] NO_BYTES = {};
    private static final int KEPT_SCRATCH = 4096;

    private final DynamicTable table = new DynamicTable(TABLE_SIZE);
    private byte[] scratch = NO_BYTES;
    private int scratchEnd;

    // The block being decoded.
    private byte[] block = NO_BYTES;
    private int at;
    private int end;

    // The string read last.
    private byte[] text = NO_BYTES;
    private int textStart;
    private int textLength;

    // The name of the field being decoded.
    private byte[] name = NO_BYTES;
    private int nameStart;
    private int nameLength;

    /** Decodes a whole block; false when it is malformed, which is the end of the connection (RFC 7541 section 2.3.3). */
    boolean decode(byte[] from, int start, int to, FieldSink sink) {
        block = from;
        at = start;
        end = to;
        boolean valid = true;
        boolean begun = false;
        while (valid && at < end) {
            int b = block[at];
            if ((b & 0xe0) == 0x20) {
                valid = !begun && resize();
            } else {
                begun = true;
                valid = b < 0 ? indexed(sink) : literal(b, sink);
            }
        }
        block = NO_BYTES;
        text = NO_BYTES;
        name = NO_BYTES;
        if (scratch.length > KEPT_SCRATCH) {
            scratch = NO_BYTES;
        }
        return valid;
    }

    private boolean resize() {
        return table.resize(number(5));
    }

    private boolean indexed(FieldSink sink) {
        int index = number(7);
        if (index >= 1 && index <= StaticTable.SIZE) {
            byte[] all = StaticTable.array();
            sink.field(
                    all,
                    StaticTable.nameStart(index),
                    StaticTable.nameLength(index),
                    all,
                    StaticTable.valueStart(index),
                    StaticTable.valueLength(index));
            return true;
        }
        int entry = index - StaticTable.SIZE - 1;
        if (entry < 0 || entry >= table.count()) {
            return false;
        }
        int start = table.start(entry);
        int length = table.nameLength(entry);
        sink.field(table.array(), start, length, table.array(), start + length, table.valueLength(entry));
        return true;
    }

    private boolean literal(int first, FieldSink sink) {
        scratchEnd = 0;
        boolean adds = (first & 0x40) != 0;
        int index = number(adds ? 6 : 4);
        if (!(index == 0 ? literalName() : indexedName(index)) || !string()) {
            return false;
        }
        if ((first & 0xf0) == 0x10) {
            sink.neverIndexed();
        }
        sink.field(name, nameStart, nameLength, text, textStart, textLength);
        if (adds) {
            table.add(name, nameStart, nameLength, text, textStart, textLength);
        }
        return true;
    }

    private boolean literalName() {
        if (!string()) {
            return false;
        }
        name = text;
        nameStart = textStart;
        nameLength = textLength;
        return true;
    }

    private boolean indexedName(int index) {
        if (index < 0) {
            return false;
        }
        if (index <= StaticTable.SIZE) {
            name = StaticTable.array();
            nameStart = StaticTable.nameStart(index);
            nameLength = StaticTable.nameLength(index);
            return true;
        }
        int entry = index - StaticTable.SIZE - 1;
        if (entry >= table.count()) {
            return false;
        }
        name = table.array();
        nameStart = table.start(entry);
        nameLength = table.nameLength(entry);
        return true;
    }

    /** Reads a string (section 5.2): where it lies in the block, or decoded in the scratch. */
    private boolean string() {
        if (at == end) {
            return false;
        }
        boolean huffman = block[at] < 0;
        int length = number(7);
        if (length < 0 || length > end - at) {
            return false;
        }
        int start = at;
        at += length;
        if (!huffman) {
            text = block;
            textStart = start;
            textLength = length;
            return true;
        }
        int needed = scratchEnd + Huffman.most(length);
        if (scratch.length < needed) {
            // A name that was decoded before stays in the array that it is in.
            scratch = new byte[Math.max(256, needed * 2)];
        }
        int stop = Huffman.decode(block, start, at, scratch, scratchEnd);
        text = scratch;
        textStart = scratchEnd;
        textLength = stop - scratchEnd;
        scratchEnd = stop;
        return stop >= 0;
    }

    /** Reads a number with a prefix of so many bits (section 5.1); {@link #MALFORMED} also when it is beyond 2^28. */
    private int number(int bits) {
        int mask = (1 << bits) - 1;
        int value = block[at++] & mask;
        if (value < mask) {
            return value;
        }
        for (int shift = 0; shift <= 21; shift += 7) {
            if (at == end) {
                return MALFORMED;
            }
            int b = block[at++];
            value += (b & 0x7f) << shift;
            if (b >= 0) {
                return value;
            }
        }
        return MALFORMED;
    }
}
