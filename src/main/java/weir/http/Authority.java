package weir.http;

/**
 * Reads {@code uri-host [":" port]} as Host and absolute-form targets have it (RFC 9110 section 4.2, 7.2). A host is a
 * name of letters, digits, {@code -._~} without empty labels, one trailing dot allowed, or an IPv6 address in brackets;
 * a port is 1 to 65535. Percent-encoding, sub-delims and an empty port, which the grammar of RFC 3986 allows, are
 * refused: no host has them, and readers disagree on them. Confined to one event loop.
 */
public final class Authority {
    private int hostEnd;
    private int port;

    /** Whether the range is valid. */
    public boolean read(byte[] a, int start, int end) {
        port = -1;
        int at = start < end && a[start] == '[' ? addressEnd(a, start, end) : nameEnd(a, start, end);
        if (at <= start) {
            return false;
        }
        hostEnd = a[at - 1] == '.' ? at - 1 : at;
        return hostEnd > start && (at == end || (a[at] == ':' && readPort(a, at + 1, end)));
    }

    /** Where the host ends, port and trailing dot left out. */
    public int hostEnd() {
        return hostEnd;
    }

    /** The port; -1 for none. */
    public int port() {
        return port;
    }

    private static int nameEnd(byte[] a, int start, int end) {
        int at = start;
        while (at < end && isNameByte(a[at])) {
            if (a[at] == '.' && (at == start || a[at - 1] == '.')) {
                return -1;
            }
            at++;
        }
        return at;
    }

    private static boolean isNameByte(byte b) {
        int lower = b | 0x20;
        return (lower >= 'a' && lower <= 'z') || (b >= '0' && b <= '9') || b == '.' || b == '-' || b == '_' || b == '~';
    }

    private static int addressEnd(byte[] a, int start, int end) {
        int colons = 0;
        for (int at = start + 1; at < end; at++) {
            int b = a[at];
            int lower = b | 0x20;
            if (b == ']') {
                return colons >= 2 && colons <= 8 && at - start <= 46 ? at + 1 : -1;
            }
            if (b == ':') {
                colons++;
            } else if (!((b >= '0' && b <= '9') || (lower >= 'a' && lower <= 'f') || b == '.')) {
                return -1;
            }
        }
        return -1;
    }

    private boolean readPort(byte[] a, int start, int end) {
        if (start == end || end - start > 5) {
            return false;
        }
        int n = 0;
        for (int i = start; i < end; i++) {
            if (a[i] < '0' || a[i] > '9') {
                return false;
            }
            n = n * 10 + a[i] - '0';
        }
        port = n;
        return n > 0 && n <= 65535;
    }
}
