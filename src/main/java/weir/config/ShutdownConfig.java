package weir.config;

import java.time.Duration;

/** The way down. Immutable. */
public record ShutdownConfig(Duration delay, Duration drainTimeout) {
    public static final ShutdownConfig DEFAULT = new ShutdownConfig(Duration.ZERO, Duration.ofSeconds(30));
}
