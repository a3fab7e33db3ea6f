package weir.discovery;

import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What came of resolving a name. Immutable. */
public sealed interface Resolution {
    /**
     * There are addresses.
     *
     * @param timeToLive how long the answer holds; null when its source does not say
     * @param partial whether one address family could not be asked: what was known of it still holds
     */
    record Found(List<InetAddress> addresses, @Nullable Duration timeToLive, boolean partial) implements Resolution {
        public Found {
            addresses = List.copyOf(addresses);
        }
    }

    /** The answer is that there is no address: the name does not exist or has none. */
    record Absent(String why) implements Resolution {}

    /** There was no answer. */
    record Failed(String why) implements Resolution {}
}
