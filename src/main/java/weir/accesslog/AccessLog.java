package weir.accesslog;

import java.io.IOException;
import java.time.Duration;
import weir.config.AccessLogConfig;
import weir.metrics.LoopCounter;
import weir.metrics.MetricFamily;
import weir.metrics.Metrics;

/**
 * The access log of the process: one {@link LoopLog} for each event loop, and one thread that writes what they hand
 * over.
 *
 * <pre>
 * loop 0: LoopLog ──chunks──┐
 * loop 1: LoopLog ──chunks──┼──▶ LogWriter ──▶ Destination (Logback's appenders)
 * loop n: LoopLog ──chunks──┘
 * </pre>
 *
 * Every line is written once, also when files are rotated, replaced or cannot be written for a while; lines are lost
 * only when the buffers are full, and then counted and said. Thread-safe, but for the loop logs themselves.
 */
public final class AccessLog implements AutoCloseable {
    private static final Duration CLOSE_TIME = Duration.ofSeconds(5);

    private final LoopLog[] loops;
    private final LogWriter writer;
    private volatile Settings settings;

    /** What the loops have to know. Immutable. */
    record Settings(LogFormat format, boolean off, boolean pauses) {
        static Settings of(AccessLogConfig config) {
            boolean off = config.output() == AccessLogConfig.Output.OFF && !UserAppenders.any();
            boolean pauses = config.whenFull() == AccessLogConfig.WhenFull.PAUSE;
            return new Settings(LogFormat.compile(config.format()), off, pauses);
        }
    }

    private AccessLog(AccessLogConfig config, Metrics metrics) {
        this.settings = Settings.of(config);
        this.loops = new LoopLog[metrics.loops()];
        LoopCounter lines = metrics.counter(MetricFamily.ACCESS_LOG_LINES);
        LoopCounter dropped = metrics.counter(MetricFamily.ACCESS_LOG_DROPPED);
        for (int i = 0; i < loops.length; i++) {
            loops[i] = new LoopLog(this, i, lines, dropped);
        }
        this.writer = new LogWriter(loops, dropped, metrics.counter(MetricFamily.ACCESS_LOG_ERRORS), config);
    }

    /**
     * Opens the destination and starts the writer.
     *
     * @throws IOException when the file cannot be written; the message names it
     * @throws IllegalArgumentException when the format is none, see {@link LogFormat#compile}
     */
    public static AccessLog open(AccessLogConfig config, Metrics metrics) throws IOException {
        Destination.check(config);
        AccessLog log = new AccessLog(config, metrics);
        log.writer.start();
        return log;
    }

    /** The log of that event loop. Let it join the loop's {@link weir.http.Tick}. */
    public LoopLog loop(int loop) {
        return loops[loop];
    }

    /**
     * Changes format and destination; lines not written yet go to the new one.
     *
     * @throws IOException when the file cannot be written: then nothing has changed
     * @throws IllegalArgumentException when the format is none: then nothing has changed
     */
    public void reconfigure(AccessLogConfig config) throws IOException {
        Settings next = Settings.of(config);
        Destination.check(config);
        settings = next;
        writer.use(config);
    }

    /** Opens the files again under their names, for SIGUSR1. */
    public void reopen() {
        writer.reopen();
    }

    /**
     * Writes everything and closes the destination; waits five seconds at most. Call it when the event loops have
     * ended: what they did not hand over is written as well.
     */
    @Override
    public void close() {
        close(CLOSE_TIME);
    }

    void close(Duration atMost) {
        writer.close(atMost);
    }

    Settings settings() {
        return settings;
    }

    void wake() {
        writer.wake();
    }
}
