package weir;

import ch.qos.logback.classic.LoggerContext;
import org.slf4j.LoggerFactory;

/** The end of the process behind {@code run}: everything of Weir's own is closed by then. */
final class ProcessEnd {
    /** System property; {@code false} ends the process through Java's shutdown hooks, as every other command ends. */
    static final String HALT = "weir.halt";

    private ProcessEnd() {}

    /**
     * Ends the process with that exit code, without shutdown hooks: Weir has none, and the less runs beside native
     * libraries that are being closed, the less can turn a good exit into an abort. Never returns.
     */
    static void end(int exitCode) {
        // What a hook would do: Logback's own is for configurations that ask for it, and appenders may hold lines back.
        if (LoggerFactory.getILoggerFactory() instanceof LoggerContext logback) {
            logback.stop();
        }
        System.out.flush();
        System.err.flush();
        if (Boolean.parseBoolean(System.getProperty(HALT, "true"))) {
            Runtime.getRuntime().halt(exitCode);
        }
        System.exit(exitCode);
    }
}
