package weir.service;

import java.util.BitSet;

/** Hands out the smallest free number and takes numbers back, so that tables indexed by them stay small. Thread-safe. */
final class BackendNumbers {
    private final BitSet used = new BitSet();

    synchronized int take() {
        int number = used.nextClearBit(0);
        used.set(number);
        return number;
    }

    synchronized void giveBack(int number) {
        used.clear(number);
    }
}
