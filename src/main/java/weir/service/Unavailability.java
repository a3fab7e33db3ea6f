package weir.service;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One reason why a backend may not be picked. Immutable.
 *
 * @param until when it ends by itself; null when it does not
 * @param why what led to it, for people: {@code 3 checks failed: connection refused}
 */
public record Unavailability(
        Reason reason, Instant since, @Nullable Instant until, String why) {}
