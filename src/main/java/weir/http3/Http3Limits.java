package weir.http3;

import weir.config.LimitsConfig;
import weir.config.LimitsConfig.Underscores;
import weir.config.ListenerConfig;

/**
 * What an HTTP/3 client may send, and for how long. Immutable.
 *
 * @param target most bytes of {@code :path}; 0: no limit
 * @param fields most bytes of all names and values of a section; 0: no limit
 * @param fieldCount most fields of a section; 0: no limit
 * @param streams requests a connection may have open at once
 * @param resets streams a client may break off in 30 s before its connection is closed
 * @param connectionsPerAddress whether connections are counted by address, which then has to be proven first
 */
public record Http3Limits(
        int target,
        int fields,
        int fieldCount,
        Underscores underscores,
        long headerTimeoutNanos,
        long bodyTimeoutNanos,
        long idleTimeoutNanos,
        int streams,
        int resets,
        boolean connectionsPerAddress) {
    private static final long LARGEST_SECTION = 1024 * 1024;
    private static final long ENTRY = 32;

    /** The limits of a configuration and of one listener. */
    public static Http3Limits of(LimitsConfig limits, ListenerConfig.Http2 multiplexing) {
        return new Http3Limits(
                limits.requestLine(),
                limits.headers(),
                limits.headerCount(),
                limits.underscores(),
                limits.headerTimeout().toNanos(),
                limits.bodyTimeout().toNanos(),
                limits.idleTimeout().toNanos(),
                multiplexing.streams(),
                multiplexing.resets(),
                limits.connectionsPerAddress() > 0);
    }

    /**
     * The size of a field section beyond which the codec gives up on the whole connection: twice what is allowed, so
     * that whoever exceeds a limit by a little is answered 431.
     */
    long section() {
        if (target == 0 || fields == 0 || fieldCount == 0) {
            return LARGEST_SECTION;
        }
        return Math.min(LARGEST_SECTION, 2 * (target + fields + ENTRY * (fieldCount + 8L)));
    }
}
