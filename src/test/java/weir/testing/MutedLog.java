package weir.testing;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.slf4j.LoggerFactory;

/** Keeps Weir's messages out of the log while a test of {@link ExpectsBug} runs. */
final class MutedLog implements BeforeEachCallback, AfterEachCallback {
    @Override
    public void beforeEach(ExtensionContext context) {
        weir().setLevel(Level.OFF);
    }

    @Override
    public void afterEach(ExtensionContext context) {
        weir().setLevel(null);
    }

    private static Logger weir() {
        return (Logger) LoggerFactory.getLogger("weir");
    }
}
