package weir.tls;

import org.jspecify.annotations.Nullable;
import weir.config.ConfiguredFile;
import weir.config.Location;
import weir.config.Problem;

/** A certificate, key or other file for TLS that cannot be used. Says so as configuration errors are said. */
public final class BadMaterial extends Exception {
    private static final long serialVersionUID = 1;

    private final transient Problem problem;

    /** What is wrong, at its place in the configuration. */
    public BadMaterial(Location at, String message, @Nullable String expected) {
        this(new Problem(at, message, expected, null));
    }

    BadMaterial(ConfiguredFile file, String message, @Nullable String expected) {
        this(file.at(), file.path() + ": " + message, expected);
    }

    private BadMaterial(Problem problem) {
        super(problem.toString(), null, false, false);
        this.problem = problem;
    }

    /** What is wrong, and where the configuration names the file. */
    public Problem problem() {
        return problem;
    }
}
