package weir.http2;

import java.util.function.BooleanSupplier;
import weir.http.HeadPool;
import weir.http.Tick;

/**
 * What the connections of one listener share on one event loop. Immutable.
 *
 * @param draining whether the process is to end, so that clients are to go
 */
public record Http2ClientTerms(HeadPool heads, Tick tick, Http2Limits limits, BooleanSupplier draining) {}
