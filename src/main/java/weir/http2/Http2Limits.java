package weir.http2;

import weir.config.LimitsConfig;
import weir.config.ListenerConfig;
import weir.http.MessageLimits;

/**
 * What one HTTP/2 client may send. Immutable.
 *
 * @param streams open at once
 * @param resets that a connection may cause in 30 s
 * @param message of each request
 */
public record Http2Limits(int streams, int resets, MessageLimits message) {
    /** The limits of a configuration, for a listener. */
    public static Http2Limits of(LimitsConfig limits, ListenerConfig.Http2 http2) {
        return new Http2Limits(http2.streams(), http2.resets(), MessageLimits.of(limits));
    }
}
