package weir.testing;

import io.netty.util.LeakPresenceDetector;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestPlan;

/**
 * Ends a test run whose tests left a buffer unreleased: the whole run fails, with the places the buffers were made at.
 * Works where the JVM runs with Netty's leak presence detector.
 */
public final class LeakAlarm implements TestExecutionListener {
    private static final int FAILED = 3;

    /** For the service loader. */
    public LeakAlarm() {}

    @Override
    public void testPlanExecutionFinished(TestPlan plan) {
        sound();
    }

    /** Ends the JVM if a buffer was not released. */
    static void sound() {
        if (System.getProperty("io.netty.customResourceLeakDetector") == null) {
            return;
        }
        try {
            LeakPresenceDetector.check();
        } catch (IllegalStateException leaks) {
            System.err.println("The tests leaked buffers: " + leaks.getMessage());
            for (Throwable made : leaks.getSuppressed()) {
                made.printStackTrace();
            }
            System.err.flush();
            Runtime.getRuntime().halt(FAILED);
        }
    }
}
