package weir.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.platform.launcher.Launcher;
import org.junit.platform.launcher.core.LauncherConfig;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;
import org.junit.platform.launcher.listeners.TestExecutionSummary;

final class RequiresToolTest {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    @Test
    void skipsAndNamesWhatIsMissing() {
        TestExecutionSummary summary = run("false");
        assertEquals(1, summary.getTestsSucceededCount());
        assertEquals(1, summary.getTestsSkippedCount());
        assertEquals(0, summary.getTestsFailedCount());
        assertTrue(
                out.toString(StandardCharsets.UTF_8)
                        .contains("  no-such-tool: " + Fixture.class.getName() + ".needsWhatNobodyHas"),
                out.toString(StandardCharsets.UTF_8));
    }

    @Test
    void failsUnderContinuousIntegration() {
        TestExecutionSummary summary = run("true");
        assertEquals(1, summary.getTestsSucceededCount());
        assertEquals(1, summary.getTestsFailedCount());
        assertEquals("", out.toString(StandardCharsets.UTF_8));
    }

    private TestExecutionSummary run(String ci) {
        LauncherConfig quiet = LauncherConfig.builder()
                .enableTestExecutionListenerAutoRegistration(false)
                .enableLauncherSessionListenerAutoRegistration(false)
                .build();
        Launcher launcher = LauncherFactory.create(quiet);
        SummaryGeneratingListener summary = new SummaryGeneratingListener();
        launcher.execute(
                LauncherDiscoveryRequestBuilder.request()
                        .selectors(selectClass(Fixture.class))
                        .configurationParameter(ToolCondition.CI_PARAMETER, ci)
                        .build(),
                summary,
                new MissingToolSummary(new PrintStream(out, true, StandardCharsets.UTF_8)));
        return summary.getSummary();
    }

    /** Run by the tests above, and by nothing else. */
    static final class Fixture {
        @Test
        @RequiresTool("sh")
        void needsWhatAllHave() {}

        @Test
        @RequiresTool({"sh", "no-such-tool"})
        void needsWhatNobodyHas() {}
    }
}
