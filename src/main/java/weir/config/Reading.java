package weir.config;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What came of reading a configuration: the configuration, or everything that is wrong with it. Immutable.
 *
 * @param configuration null when there are problems
 * @param problems in the order of the file; empty when all is well
 */
public record Reading(@Nullable Configuration configuration, List<Problem> problems) {
    public Reading {
        problems = List.copyOf(problems);
        if ((configuration == null) == problems.isEmpty()) {
            throw new IllegalArgumentException("a reading is either a configuration or problems");
        }
    }

    /** Whether there is a configuration. */
    public boolean good() {
        return configuration != null;
    }
}
