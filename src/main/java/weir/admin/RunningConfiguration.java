package weir.admin;

import java.time.Instant;
import java.util.List;
import weir.config.Configuration;

/**
 * The configuration in force. Immutable.
 *
 * @param file where it came from
 * @param loadedAt since when it is in force
 * @param refused the problems of a later version of the file that was not taken; empty when the last one was
 */
public record RunningConfiguration(Configuration configuration, String file, Instant loadedAt, List<String> refused) {
    public RunningConfiguration {
        refused = List.copyOf(refused);
    }
}
