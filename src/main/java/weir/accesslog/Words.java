package weir.accesslog;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Eight bytes of an array at once. */
final class Words {
    private static final VarHandle WORDS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long ONES = 0x0101010101010101L;
    private static final long HIGHS = 0x8080808080808080L;

    private Words() {}

    static long get(byte[] from, int at) {
        return (long) WORDS.get(from, at);
    }

    static void set(byte[] to, int at, long word) {
        WORDS.set(to, at, word);
    }

    /** The word's first bytes, one to seven; the others are spaces. */
    static long first(long word, int n) {
        long others = -1L << n * Byte.SIZE;
        return word & ~others | ONES * ' ' & others;
    }

    /**
     * Whether all eight are printable ASCII and neither a quote nor a backslash. May say no where they are, never yes
     * where they are not (the zero-byte test of Henry Warren, "Hacker's Delight", section 6-1).
     */
    static boolean plain(long word) {
        long quote = word ^ ONES * '"';
        long backslash = word ^ ONES * '\\';
        long delete = word ^ ONES * 0x7f;
        long low = (word - ONES * ' ') & ~word;
        long hits = word | low | quote - ONES & ~quote | backslash - ONES & ~backslash | delete - ONES & ~delete;
        return (hits & HIGHS) == 0;
    }
}
