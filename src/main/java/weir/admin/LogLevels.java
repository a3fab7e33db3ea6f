package weir.admin;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.slf4j.LoggerFactory;

/** Changes how much Weir says about itself while it runs. Thread-safe. */
public final class LogLevels {
    /** The logger that is meant when none is named: everything of Weir's own. */
    public static final String DEFAULT_LOGGER = "weir";

    private static final List<String> LEVELS = List.of("trace", "debug", "info", "warn", "error", "off");
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_$]+(\\.[A-Za-z0-9_$]+){0,20}");

    private final LoggerContext context;

    /** Those of the process. */
    public LogLevels() {
        this((LoggerContext) LoggerFactory.getILoggerFactory());
    }

    /** Those of a Logback context. */
    public LogLevels(LoggerContext context) {
        this.context = context;
    }

    /**
     * Sets the level of a logger and all below it; {@code ROOT} is all.
     *
     * @throws IllegalArgumentException when there is no such level or no such name can be, with a message for people
     */
    void set(String logger, String level) {
        String name = level.toLowerCase(Locale.ROOT);
        if (!LEVELS.contains(name)) {
            throw new IllegalArgumentException(
                    "level: " + level + " (expected: one of " + String.join(", ", LEVELS) + ")");
        }
        if (logger.length() > 200 || !NAME.matcher(logger).matches()) {
            throw new IllegalArgumentException(
                    "logger: " + logger + " (expected: a name such as weir.health, or ROOT)");
        }
        context.getLogger(logger).setLevel(Level.toLevel(name));
    }
}
