package weir.service;

import java.time.Duration;

/** Durations for people, in the units of the configuration: {@code 250ms}, {@code 1.5s}, {@code 2m5s}. */
public final class DurationText {
    private DurationText() {}

    /** The text; below ten seconds to a tenth, then to the second. Negative ones count as none. */
    public static String of(Duration duration) {
        long millis = Math.max(0, duration.toMillis());
        if (millis < 1000) {
            return millis + "ms";
        }
        if (millis < 10_000 && millis % 1000 >= 100) {
            return millis / 1000 + "." + millis % 1000 / 100 + "s";
        }
        long seconds = millis < 10_000 ? millis / 1000 : (millis + 500) / 1000;
        long minutes = seconds / 60;
        if (minutes == 0) {
            return seconds + "s";
        }
        return minutes + "m" + (seconds % 60 == 0 ? "" : seconds % 60 + "s");
    }
}
