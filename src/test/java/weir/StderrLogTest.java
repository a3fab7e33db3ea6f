package weir;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.util.ContextInitializer;
import ch.qos.logback.core.ConsoleAppender;
import org.junit.jupiter.api.Test;

final class StderrLogTest {
    private final LoggerContext context = new LoggerContext();
    private final Logger root = context.getLogger(Logger.ROOT_LOGGER_NAME);

    @Test
    void keepsStandardOutputForTheAccessLog() {
        StderrLog.configureStderr(context);
        ConsoleAppender<?> stderr = (ConsoleAppender<?>) root.getAppender("stderr");
        assertEquals("System.err", stderr.getTarget());
        assertEquals(Level.INFO, root.getEffectiveLevel());
        assertFalse(context.getLogger("access").isAdditive());
        assertEquals(Level.WARN, context.getLogger("io.netty.channel").getEffectiveLevel());
    }

    @Test
    void givesWayToAFile() throws Exception {
        new ContextInitializer(context).autoConfig(getClass().getClassLoader());
        assertNotNull(root.getAppender("console"));
        assertNull(root.getAppender("stderr"));
    }
}
