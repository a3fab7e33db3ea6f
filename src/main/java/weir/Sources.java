package weir;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import weir.config.Configuration;
import weir.config.ConfigurationSource;
import weir.config.FileSource;
import weir.config.Problem;
import weir.config.Reading;
import weir.config.UnreadableFile;
import weir.discovery.ConsulKey;

/** Finds the source that {@code --config} names, and the configuration to start with. */
final class Sources {
    private static final Logger LOG = LoggerFactory.getLogger(Weir.class);

    private Sources() {}

    /**
     * What a process starts with. Immutable.
     *
     * @param configuration null when there is none
     * @param problems why it is not what the source has now; empty when it is
     */
    record Beginning(@Nullable Configuration configuration, List<String> problems) {}

    /**
     * A file, or {@code consul:KEY}.
     *
     * @throws IOException when there can be no such source, with a line for people
     */
    static ConfigurationSource of(String name, Map<String, String> environment) throws IOException {
        return new CheckedSource(unchecked(name, environment));
    }

    /** The same without a look at the files that a configuration names, which may be on another machine. */
    static ConfigurationSource unchecked(String name, Map<String, String> environment) throws IOException {
        return name.startsWith(ConsulKey.PREFIX)
                ? new ConsulKey(name, environment)
                : new FileSource(UnreadableFile.path(name), environment);
    }

    /**
     * Reads the source; where it has nothing good, what was in force last.
     *
     * @throws IOException when the source cannot be read and nothing is kept, with a line for people
     */
    static Beginning begin(ConfigurationSource source) throws IOException {
        IOException failure = null;
        List<String> problems;
        try {
            Reading reading = source.read();
            if (reading.good()) {
                return new Beginning(reading.configuration(), List.of());
            }
            problems = reading.problems().stream().map(Problem::toString).toList();
        } catch (IOException e) {
            failure = e;
            problems = List.of(String.valueOf(e.getMessage()));
        }
        Reading kept = source.lastGood();
        if (kept != null) {
            LOG.warn(
                    "{} is of no use, so what was in force last is used again:\n{}",
                    source.name(),
                    String.join("\n", problems));
            return new Beginning(kept.configuration(), problems);
        }
        if (failure != null) {
            throw failure;
        }
        return new Beginning(null, problems);
    }
}
