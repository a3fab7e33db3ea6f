package weir.accesslog;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.FileAppender;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import weir.config.FailureText;

/**
 * The appenders that the user's {@code logback.xml} attaches to the logger {@code access}. They get each line as an
 * event of its own, in addition to what the configuration's {@code output} says. Called by the writer.
 */
final class UserAppenders {
    private static final String NAME = "access";
    private static final org.slf4j.Logger LOG = LoggerFactory.getLogger(UserAppenders.class);

    private UserAppenders() {}

    /** Whether there is any. */
    static boolean any() {
        Logger logger = logger();
        return logger != null && logger.iteratorForAppenders().hasNext();
    }

    /** Gives them every line of a chunk. */
    static void append(LineBuffer chunk) {
        Logger logger = logger();
        if (logger == null || !logger.iteratorForAppenders().hasNext()) {
            return;
        }
        byte[] bytes = chunk.array();
        int start = 0;
        for (int i = 0; i < chunk.length(); i++) {
            if (bytes[i] == '\n') {
                String line = new String(bytes, start, i - start, StandardCharsets.UTF_8);
                LoggingEvent event = new LoggingEvent(NAME, logger, Level.INFO, line, null, null);
                for (Iterator<Appender<ILoggingEvent>> all = logger.iteratorForAppenders(); all.hasNext(); ) {
                    all.next().doAppend(event);
                }
                start = i + 1;
            }
        }
    }

    /** Opens their files again under the same names. */
    static void reopen() {
        Logger logger = logger();
        if (logger == null) {
            return;
        }
        for (Iterator<Appender<ILoggingEvent>> all = logger.iteratorForAppenders(); all.hasNext(); ) {
            if (all.next() instanceof FileAppender<?> appender && appender.isStarted()) {
                try {
                    appender.openFile(appender.getFile());
                } catch (IOException e) {
                    LOG.warn("access log: cannot reopen {}: {}", appender.getFile(), FailureText.of(e));
                }
            }
        }
    }

    private static @Nullable Logger logger() {
        return LoggerFactory.getILoggerFactory() instanceof LoggerContext context ? context.getLogger(NAME) : null;
    }
}
