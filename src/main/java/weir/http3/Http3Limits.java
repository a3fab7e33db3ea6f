package weir.http3;

import weir.config.LimitsConfig;
import weir.config.ListenerConfig;
import weir.http.MessageLimits;

/**
 * What an HTTP/3 client may send. Immutable.
 *
 * @param streams requests a connection may have open at once
 * @param resets streams a client may break off in 30 s before its connection is closed
 * @param connectionsPerAddress whether connections are counted by address, which then has to be proven first
 * @param message of each request
 */
public record Http3Limits(int streams, int resets, boolean connectionsPerAddress, MessageLimits message) {
    private static final long LARGEST_SECTION = 1024 * 1024;
    private static final long ENTRY = 32;

    /** The limits of a configuration and of one listener. */
    public static Http3Limits of(LimitsConfig limits, ListenerConfig.Http2 multiplexing) {
        return new Http3Limits(
                multiplexing.streams(),
                multiplexing.resets(),
                limits.connectionsPerAddress() > 0,
                MessageLimits.of(limits));
    }

    /**
     * The size of a field section beyond which the codec gives up on the whole connection: twice what is allowed, so
     * that whoever exceeds a limit by a little is answered 431.
     */
    long section() {
        long allowed = message.requestLine() + message.headers() + ENTRY * (message.headerCount() + 8L);
        return Math.min(LARGEST_SECTION, 2 * allowed);
    }
}
