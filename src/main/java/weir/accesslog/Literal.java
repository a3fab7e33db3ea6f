package weir.accesslog;

import java.util.Arrays;

/**
 * Bytes that are written again and again, as words of eight: storing a word is cheaper than a call to copy a few bytes.
 * Immutable.
 */
final class Literal {
    private final long[] words;
    private final int length;

    Literal(byte[] bytes) {
        byte[] padded = Arrays.copyOf(bytes, (bytes.length + 7) / 8 * 8);
        this.words = new long[padded.length / 8];
        for (int i = 0; i < words.length; i++) {
            words[i] = Words.get(padded, i * 8);
        }
        this.length = bytes.length;
    }

    int length() {
        return length;
    }

    /** Stores whole words from there on: up to seven bytes more than {@link #length()}. */
    void store(byte[] to, int at) {
        for (int i = 0; i < words.length; i++) {
            Words.set(to, at + i * 8, words[i]);
        }
    }
}
