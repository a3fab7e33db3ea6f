package weir.accesslog;

/** Finds well-formed UTF-8 among bytes of any kind (RFC 3629 section 4: no overlong forms, no surrogates). */
final class Utf8 {
    private Utf8() {}

    /** Bytes of the character above U+007F that starts there; 0 when it is not well-formed. */
    static int length(byte[] a, int at, int end) {
        int lead = a[at] & 0xff;
        int length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
        if (lead < 0xc2 || lead > 0xf4 || end - at < length) {
            return 0;
        }
        for (int i = at + 1; i < at + length; i++) {
            if ((a[i] & 0xc0) != 0x80) {
                return 0;
            }
        }
        int second = a[at + 1] & 0xff;
        boolean valid = switch (lead) {
            case 0xe0 -> second >= 0xa0;
            case 0xed -> second < 0xa0;
            case 0xf0 -> second >= 0x90;
            case 0xf4 -> second < 0x90;
            default -> true;
        };
        return valid ? length : 0;
    }

    /** The code point of a well-formed character of that many bytes. */
    static int point(byte[] a, int at, int length) {
        int point = a[at] & 0xff >> length + 1;
        for (int i = 1; i < length; i++) {
            point = point << 6 | a[at + i] & 0x3f;
        }
        return point;
    }
}
