package weir.http2;

import java.util.Arrays;

/**
 * Decodes the static Huffman code of HPACK (RFC 7541 section 5.2 and appendix B), four bits at a time. The code is
 * canonical, so the lengths of its words are all that has to be known. Immutable.
 */
final class Huffman {
    /** The bits of each symbol's word, from {@code A} for 5; the last one is the end of the string. */
    private static final String LENGTHS = "ISXXXXXXXTZXXZXXXXXXXXZXXXXXXXXXBFFHIBDGFFDGDBBBAAABBBBBBBCDKBHF"
            + "IBCCCCCCCCCCCCCCCCCCCCCCDCDIOIJBKABABABBBACCBBBABCBAABCCCCCKGJIX"
            + "PRPPRRRSRSSSSSTSTTRSTSSSSQRSRSSTRQPRRSSQSRRTQRSSQQRQSRSSPRRRSRRS"
            + "VVPORSRUVVVWWVTUOQVWWVWTQQVVXWWWPTPQRQQSRRUUTTVSVWVVWWWWWXWWWWWVZ";

    private static final int SYMBOLS = 257;
    private static final int LONGEST = 30;

    /** Bits of a transition: the next node, then a symbol if {@link #EMITS}; {@link #FAILS}: no word is this. */
    private static final int EMITS = 1 << 24;

    private static final int FAILS = 1 << 25;
    private static final int[] TRANSITIONS = new int[256 * 16];

    /** Nodes at which a string may end: fewer than eight bits into a word, all of them ones. */
    private static final boolean[] ENDS = new boolean[256];

    static {
        int[] tree = tree();
        for (int node = 0; node < 256; node++) {
            for (int nibble = 0; nibble < 16; nibble++) {
                TRANSITIONS[node << 4 | nibble] = transition(tree, node, nibble);
            }
        }
        int node = 0;
        for (int depth = 0; depth < 8; depth++) {
            ENDS[node] = true;
            node = tree[node << 1 | 1];
        }
    }

    private Huffman() {}

    /** The inner nodes, root first, each with two children: another inner node, or {@code -1 - symbol}. */
    private static int[] tree() {
        int[] tree = new int[256 * 2];
        Arrays.fill(tree, Integer.MIN_VALUE);
        int nodes = 1;
        int code = 0;
        for (int length = 5; length <= LONGEST; length++) {
            for (int symbol = 0; symbol < SYMBOLS; symbol++) {
                if (LENGTHS.charAt(symbol) - 'A' + 5 != length) {
                    continue;
                }
                int word = code << LONGEST - length; // left-aligned
                int at = 0;
                for (int bit = 0; bit < length - 1; bit++) {
                    int edge = at << 1 | word >>> LONGEST - 1 - bit & 1;
                    if (tree[edge] == Integer.MIN_VALUE) {
                        tree[edge] = nodes++;
                    }
                    at = tree[edge];
                }
                tree[at << 1 | code & 1] = -1 - symbol;
                code++;
            }
            code <<= 1;
        }
        return tree;
    }

    private static int transition(int[] tree, int from, int nibble) {
        int node = from;
        int emitted = 0;
        for (int bit = 3; bit >= 0; bit--) {
            int next = tree[node << 1 | nibble >> bit & 1];
            if (next >= 0) {
                node = next;
            } else if (next == -SYMBOLS) {
                return FAILS; // the end of the string must not be spelled out
            } else {
                emitted = EMITS | -1 - next << 16;
                node = 0;
            }
        }
        return emitted | node;
    }

    /** How many bytes the decoded form of so many bytes may have at most. */
    static int most(int bytes) {
        return bytes * 8 / 5;
    }

    /** Decodes a range into an array with room for {@link #most}; returns where the text ends, -1 when it is invalid. */
    static int decode(byte[] in, int start, int end, byte[] out, int outStart) {
        int[] transitions = TRANSITIONS;
        int node = 0;
        int at = outStart;
        for (int i = start; i < end; i++) {
            int high = transitions[node << 4 | in[i] >> 4 & 15];
            if ((high & EMITS) != 0) {
                out[at++] = (byte) (high >> 16);
            }
            int low = transitions[(high & 255) << 4 | in[i] & 15];
            if ((low & EMITS) != 0) {
                out[at++] = (byte) (low >> 16);
            }
            if (((high | low) & FAILS) != 0) {
                return -1;
            }
            node = low & 255;
        }
        return ENDS[node] ? at : -1;
    }
}
