package weir.config;

import java.io.IOException;
import java.util.concurrent.ScheduledExecutorService;
import org.jspecify.annotations.Nullable;

/** Where the configuration of a process comes from: a file, or a key in Consul. Used on one thread at a time. */
public interface ConfigurationSource extends AutoCloseable {
    /** What messages call it. */
    String name();

    /**
     * Reads what stands there now.
     *
     * @throws IOException if it cannot be read, with a line for people
     */
    Reading read() throws IOException;

    /** Told that what was read last is in force. */
    default void applied() {}

    /** What was in force last, kept where it outlives the source; null where nothing is kept. */
    default @Nullable Reading lastGood() {
        return null;
    }

    /** Begins to call {@code changed} on that thread whenever there is something else to read. */
    void watch(ScheduledExecutorService control, Runnable changed);

    /** Ends the watch. */
    @Override
    void close();
}
