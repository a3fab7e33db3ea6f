package weir.http;

/** Bits as hexadecimal digits in lower case, two at a time. */
final class HexDigits {
    /** Digits of a long. */
    static final int OF_LONG = 16;

    private static final byte[] HIGH = new byte[256];
    private static final byte[] LOW = new byte[256];

    static {
        for (int i = 0; i < 256; i++) {
            HIGH[i] = (byte) Character.forDigit(i >> 4, 16);
            LOW[i] = (byte) Character.forDigit(i & 15, 16);
        }
    }

    private HexDigits() {}

    /** Puts all {@link #OF_LONG} digits there, leading zeros included. */
    static void put(long bits, byte[] to, int at) {
        for (int i = at + OF_LONG - 2, shift = 0; i >= at; i -= 2, shift += Byte.SIZE) {
            int octet = (int) (bits >>> shift) & 0xff;
            to[i] = HIGH[octet];
            to[i + 1] = LOW[octet];
        }
    }
}
