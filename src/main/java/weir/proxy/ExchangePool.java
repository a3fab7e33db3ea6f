package weir.proxy;

import java.util.Arrays;

/**
 * Exchanges of an event loop that are complete, for the next requests of whatever client; the one used last is used
 * next, while it is in the processor's caches. Confined to one event loop.
 */
final class ExchangePool {
    /** Kept at most: what a burst leaves beyond that is garbage. */
    private static final int MOST_FREE = 1024;

    private final Loop loop;
    private Exchange[] free = new Exchange[16];
    private int count;

    ExchangePool(Loop loop) {
        this.loop = loop;
    }

    Exchange take() {
        return count == 0 ? new Exchange(loop) : free[--count];
    }

    /** Takes an exchange back that is complete. */
    void release(Exchange done) {
        if (count == free.length && count < MOST_FREE) {
            free = Arrays.copyOf(free, count * 2);
        }
        if (count < free.length) {
            free[count++] = done;
        }
    }
}
