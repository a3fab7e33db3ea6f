package weir.listener;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * How many client connections are open, in all and for each address. Thread-safe. Counting by address costs a map
 * access per connection, and only while a limit is set. A client of IPv6 has a whole /64 (RFC 6177), so that counts as one.
 */
final class ConnectionLimits {
    private final AtomicInteger open = new AtomicInteger();

    /** By the address of IPv4, or the upper half of one of IPv6. */
    private final ConcurrentHashMap<Object, Integer> byAddress = new ConcurrentHashMap<>();

    /** How it went. */
    enum Entry {
        COUNTED,
        /** There are as many connections as there may be. */
        FULL,
        /** This address has as many as it may have. */
        ADDRESS_FULL
    }

    /** Counts a connection in, unless a limit is reached. 0 means no limit. */
    Entry enter(InetAddress address, int limit, int limitPerAddress) {
        int now = open.incrementAndGet();
        if (limit > 0 && now > limit) {
            open.decrementAndGet();
            return Entry.FULL;
        }
        if (!enterAddress(address, limitPerAddress)) {
            open.decrementAndGet();
            return Entry.ADDRESS_FULL;
        }
        return Entry.COUNTED;
    }

    /** Counts a connection that is counted in already for its client's address, too; false when its limit is reached. */
    boolean enterAddress(InetAddress address, int limitPerAddress) {
        if (limitPerAddress > 0 && byAddress.merge(key(address), 1, Integer::sum) > limitPerAddress) {
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
            byAddress.computeIfPresent(key(address), (a, n) -> n == 1 ? null : n - 1);
        }
    }

    private static Object key(InetAddress address) {
        return address instanceof Inet6Address
                ? ByteBuffer.wrap(address.getAddress()).getLong()
                : address;
    }

    int open() {
        return open.get();
    }
}
