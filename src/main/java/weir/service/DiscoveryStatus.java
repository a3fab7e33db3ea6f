package weir.service;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * How much a service's endpoints can be relied on. Immutable.
 *
 * @param source who says them: {@code consul}
 * @param answered when the source last gave a good answer; null when it never did
 * @param cached whether that answer is one of an earlier process, from disk
 * @param stale whether it is older than the configuration likes
 * @param held endpoints that the source no longer names and that are kept for now
 * @param problem why the source gives no answer now; null when it does
 */
public record DiscoveryStatus(
        String source,
        @Nullable Instant answered,
        boolean cached,
        boolean stale,
        int held,
        @Nullable String problem) {
    /** The age of the endpoints; null when there never was an answer. */
    public @Nullable Duration age(Instant now) {
        if (answered == null) {
            return null;
        }
        Duration age = Duration.between(answered, now);
        return age.isNegative() ? Duration.ZERO : age;
    }
}
