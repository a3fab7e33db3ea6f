package weir.http2;

import java.nio.charset.StandardCharsets;
import weir.http.FieldSyntax;

/** The static table of HPACK (RFC 7541 appendix A). Immutable. */
final class StaticTable {
    /** How many entries there are; the first has the index 1. */
    static final int SIZE = 61;

    static final int METHOD_GET = 2;
    static final int METHOD_POST = 3;
    static final int PATH = 4;
    static final int SCHEME_HTTP = 6;
    static final int SCHEME_HTTPS = 7;
    static final int AUTHORITY = 1;

    private static final String[] ENTRIES = {
        ":authority",
        ":method GET",
        ":method POST",
        ":path /",
        ":path /index.html",
        ":scheme http",
        ":scheme https",
        ":status 200",
        ":status 204",
        ":status 206",
        ":status 304",
        ":status 400",
        ":status 404",
        ":status 500",
        "accept-charset",
        "accept-encoding gzip, deflate",
        "accept-language",
        "accept-ranges",
        "accept",
        "access-control-allow-origin",
        "age",
        "allow",
        "authorization",
        "cache-control",
        "content-disposition",
        "content-encoding",
        "content-language",
        "content-length",
        "content-location",
        "content-range",
        "content-type",
        "cookie",
        "date",
        "etag",
        "expect",
        "expires",
        "from",
        "host",
        "if-match",
        "if-modified-since",
        "if-none-match",
        "if-range",
        "if-unmodified-since",
        "last-modified",
        "link",
        "location",
        "max-forwards",
        "proxy-authenticate",
        "proxy-authorization",
        "range",
        "referer",
        "refresh",
        "retry-after",
        "server",
        "set-cookie",
        "strict-transport-security",
        "transfer-encoding",
        "user-agent",
        "vary",
        "via",
        "www-authenticate"
    };

    private static final byte[] ALL;
    private static final short[] STARTS = new short[SIZE + 2];
    private static final byte[] NAME_LENGTHS = new byte[SIZE + 1];

    /** Indexes by a hash of the name, and the next one of the same hash; 0 for none. */
    private static final byte[] FIRST = new byte[256];

    private static final byte[] CHAIN = new byte[SIZE + 1];

    static {
        StringBuilder all = new StringBuilder();
        for (int i = 1; i <= SIZE; i++) {
            String entry = ENTRIES[i - 1];
            int space = entry.indexOf(' ');
            NAME_LENGTHS[i] = (byte) (space < 0 ? entry.length() : space);
            STARTS[i] = (short) all.length();
            all.append(space < 0 ? entry : entry.substring(0, space) + entry.substring(space + 1));
        }
        STARTS[SIZE + 1] = (short) all.length();
        ALL = all.toString().getBytes(StandardCharsets.US_ASCII);
        for (int i = SIZE; i >= 1; i--) {
            int hash = hash(ALL, STARTS[i], NAME_LENGTHS[i]);
            CHAIN[i] = FIRST[hash];
            FIRST[hash] = (byte) i;
        }
    }

    private StaticTable() {}

    /** The bytes that the ranges of all entries point into. */
    static byte[] array() {
        return ALL;
    }

    static int nameStart(int index) {
        return STARTS[index];
    }

    static int nameLength(int index) {
        return NAME_LENGTHS[index];
    }

    static int valueStart(int index) {
        return STARTS[index] + NAME_LENGTHS[index];
    }

    static int valueLength(int index) {
        return STARTS[index + 1] - valueStart(index);
    }

    /** The lowest index with that name, in any case; 0 for none. */
    static int find(byte[] name, int start, int length) {
        if (length < 3) {
            return 0;
        }
        for (int i = FIRST[hash(name, start, length)]; i != 0; i = CHAIN[i]) {
            if (NAME_LENGTHS[i] == length && same(name, start, STARTS[i], length)) {
                return i;
            }
        }
        return 0;
    }

    private static boolean same(byte[] name, int start, int entry, int length) {
        for (int k = 0; k < length; k++) {
            if (FieldSyntax.toLower(name[start + k]) != ALL[entry + k]) {
                return false;
            }
        }
        return true;
    }

    private static int hash(byte[] a, int start, int length) {
        int first = a[start] | 0x20;
        int last = a[start + length - 1] | 0x20;
        return length * 37 + first * 7 + last * 3 & 255;
    }
}
