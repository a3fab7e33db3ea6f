package weir.http2;

import weir.http.FieldSyntax;
import weir.http.Fields;

/**
 * Writes header blocks (RFC 7541) without a dynamic table and without Huffman's code, as HAProxy does: names of the
 * static table by their index, all else as it is. Responses hardly repeat what a table could hold, and every block
 * stands by itself, so the order in which blocks are sent does not matter. Stateless but for the array it writes to.
 * Confined to one event loop.
 */
final class HpackEncoder {
    /** The most bytes that a field takes beyond its name and value. */
    static final int FIELD_OVERHEAD = 12;

    /** Tells the peer's decoder that there is no dynamic table: before the first block after it made its table smaller. */
    static final byte NO_TABLE = 0x20;

    /** Begins a literal that no hop may put in a table (RFC 7541 section 6.2.3). */
    private static final int NEVER_INDEXED = 0x10;

    private static final byte[] NO_BYTES = {};
    private static final int STATUS = 8;

    private byte[] out = NO_BYTES;
    private int at;

    /** Writes into that array from there on; it has room for all. */
    void begin(byte[] to, int start) {
        out = to;
        at = start;
    }

    /** Lets go of the array; returns where the block ends. */
    int end() {
        out = NO_BYTES;
        return at;
    }

    /** The status of a response. */
    void status(int status) {
        for (int i = STATUS; i < STATUS + 7; i++) {
            if (value(i) == status) {
                indexed(i);
                return;
            }
        }
        named(STATUS);
        out[at++] = 3;
        out[at++] = (byte) ('0' + status / 100);
        out[at++] = (byte) ('0' + status / 10 % 10);
        out[at++] = (byte) ('0' + status % 10);
    }

    private static int value(int index) {
        return switch (index) {
            case 8 -> 200;
            case 9 -> 204;
            case 10 -> 206;
            case 11 -> 304;
            case 12 -> 400;
            case 13 -> 404;
            default -> 500;
        };
    }

    /** An entry of the static table, name and value. */
    void indexed(int index) {
        out[at++] = (byte) (0x80 | index);
    }

    /** A name of the static table; {@link #string} or {@link #number} follows as its value. */
    void named(int index) {
        named(index, 0);
    }

    private void named(int index, int form) {
        if (index < 15) {
            out[at++] = (byte) (form | index);
        } else {
            out[at++] = (byte) (form | 15);
            out[at++] = (byte) (index - 15);
        }
    }

    /** A field; its name is written in lower case. */
    void field(byte[] name, int nameStart, int nameLength, byte[] value, int valueStart, int valueLength) {
        field(name, nameStart, nameLength, value, valueStart, valueLength, 0);
    }

    /** Field {@code i} of a message; its name is written in lower case. One that is never to be indexed stays so. */
    void field(Fields of, int i) {
        byte[] a = of.array();
        int form = of.neverIndexed(i) ? NEVER_INDEXED : 0;
        field(a, of.nameStart(i), of.nameLength(i), a, of.valueStart(i), of.valueLength(i), form);
    }

    private void field(
            byte[] name, int nameStart, int nameLength, byte[] value, int valueStart, int valueLength, int form) {
        int index = StaticTable.find(name, nameStart, nameLength);
        if (index != 0) {
            named(index, form);
        } else {
            out[at++] = (byte) form;
            length(nameLength);
            for (int i = nameStart, n = nameStart + nameLength; i < n; i++) {
                out[at++] = FieldSyntax.toLower(name[i]);
            }
        }
        string(value, valueStart, valueLength);
    }

    /** A value. */
    void string(byte[] value, int start, int length) {
        length(length);
        System.arraycopy(value, start, out, at, length);
        at += length;
    }

    /** A value of decimal digits. */
    void number(long value) {
        int digits = 1;
        for (long n = value; n >= 10; n /= 10) {
            digits++;
        }
        out[at++] = (byte) digits;
        long n = value;
        for (int i = at + digits - 1; i >= at; i--) {
            out[i] = (byte) ('0' + n % 10);
            n /= 10;
        }
        at += digits;
    }

    private void length(int length) {
        if (length < 127) {
            out[at++] = (byte) length;
            return;
        }
        out[at++] = 127;
        int rest = length - 127;
        while (rest >= 128) {
            out[at++] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        out[at++] = (byte) rest;
    }
}
