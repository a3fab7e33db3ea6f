package weir.config;

import java.time.Duration;

/**
 * The limits of what clients may send, and for how long. Immutable. Sizes are bytes; 0 means no limit.
 *
 * @param descriptors file descriptors that may be used; 0 for as many as the process may have
 * @param memory what all connections may hold together; {@link #AUTO} for what the process has
 */
public record LimitsConfig(
        int requestLine,
        int headers,
        int headerCount,
        int responseHeaders,
        long body,
        Duration headerTimeout,
        Duration bodyTimeout,
        Duration idleTimeout,
        int connections,
        int connectionsPerAddress,
        int descriptors,
        Underscores underscores,
        HalfClosed halfClosed,
        long memory) {
    /** The {@link #memory} that follows the process: the data plane knows how much that is. */
    public static final long AUTO = 0;

    public static final LimitsConfig DEFAULT = new LimitsConfig(
            8 * 1024,
            32 * 1024,
            100,
            64 * 1024,
            0,
            Duration.ofSeconds(10),
            Duration.ofSeconds(30),
            Duration.ofSeconds(60),
            0,
            0,
            0,
            Underscores.DROP,
            HalfClosed.ANSWER,
            LimitsConfig.AUTO);

    /** What becomes of the request of a client that closes its sending side before it has the whole response. */
    public enum HalfClosed {
        /** It is answered. */
        ANSWER,
        /** The client is taken to be gone. */
        ABANDON
    }

    /** What happens to request fields whose name has an underscore. */
    public enum Underscores {
        DROP,
        PASS,
        REJECT
    }
}
