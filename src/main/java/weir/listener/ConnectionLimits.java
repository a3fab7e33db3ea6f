package weir.listener;

import java.net.InetAddress;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * How many client connections are open, in all and for each address. Thread-safe. Counting by address costs a map
 * access per connection, and only while a limit is set.
 */
final class ConnectionLimits {
    private final AtomicInteger open = new AtomicInteger();
    private final ConcurrentHashMap<InetAddress, Integer> byAddress = new ConcurrentHashMap<>();

    /** Counts a connection in; false when a limit is reached. 0 means no limit. */
    boolean enter(InetAddress address, int limit, int limitPerAddress) {
        int now = open.incrementAndGet();
        if (limit > 0 && now > limit) {
            open.decrementAndGet();
            return false;
        }
        if (!enterAddress(address, limitPerAddress)) {
            open.decrementAndGet();
            return false;
        }
        return true;
    }

    /** Counts a connection that is counted in already for its client's address, too; false when its limit is reached. */
    boolean enterAddress(InetAddress address, int limitPerAddress) {
        if (limitPerAddress > 0 && byAddress.merge(address, 1, Integer::sum) > limitPerAddress) {
            leaveAddress(address, limitPerAddress);
            return false;
        }
        return true;
    }

    /** Counts a connection out that was counted in with the same {@code limitPerAddress}. */
    void leave(InetAddress address, int limitPerAddress) {
        open.decrementAndGet();
        leaveAddress(address, limitPerAddress);
    }

    /** Undoes {@link #enterAddress}. */
    void leaveAddress(InetAddress address, int limitPerAddress) {
        if (limitPerAddress > 0) {
            byAddress.computeIfPresent(address, (a, n) -> n == 1 ? null : n - 1);
        }
    }

    int open() {
        return open.get();
    }
}
