package weir.config;

import org.jspecify.annotations.Nullable;

/**
 * The request log. Immutable.
 *
 * @param format {@code json}, {@code combined}, {@code logfmt} or a template
 * @param file where {@link Output#FILE} writes, already resolved against the configuration file
 * @param rotateSize bytes; 0 turns rotation off
 * @param rotateKeep how many rotated files stay
 */
public record AccessLogConfig(
        String format, Output output, @Nullable String file, long rotateSize, int rotateKeep, WhenFull whenFull) {
    public static final AccessLogConfig DEFAULT =
            new AccessLogConfig("json", Output.STDOUT, null, 100L * 1024 * 1024, 10, WhenFull.DROP);

    /** Where lines go. */
    public enum Output {
        STDOUT,
        FILE,
        OFF
    }

    /** What happens when the writer does not keep up. */
    public enum WhenFull {
        DROP,
        PAUSE
    }
}
