package weir.http1;

import weir.config.LimitsConfig;
import weir.config.LimitsConfig.HalfClosed;
import weir.http.MessageLimits;

/**
 * What one HTTP/1.1 client may send, and how slowly. Immutable.
 *
 * @param halfClosed what becomes of one that says it will send no more
 */
public record Http1Limits(MessageLimits message, HalfClosed halfClosed) {
    /** The limits of a configuration. */
    public static Http1Limits of(LimitsConfig limits) {
        return new Http1Limits(MessageLimits.of(limits), limits.halfClosed());
    }
}
