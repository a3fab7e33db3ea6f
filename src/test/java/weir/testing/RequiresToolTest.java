package weir.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.abort;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.platform.launcher.Launcher;
import org.junit.platform.launcher.core.LauncherConfig;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;
import org.junit.platform.launcher.listeners.TestExecutionSummary;

final class RequiresToolTest {
    private static final String NAME = Fixture.class.getName();

    @TempDir
    private Path directory;

    @Test
    void skipsAndNamesEachSkippedTestOnceWithItsReason() throws IOException {
        TestExecutionSummary summary = run("false");
        assertEquals(1, summary.getTestsSucceededCount());
        assertEquals(1, summary.getTestsSkippedCount());
        assertEquals(1, summary.getTestsAbortedCount());
        assertEquals(0, summary.getTestsFailedCount());
        assertEquals("""
                Skipped: 2 (.ci/run installs what tests need)
                  missing on this machine: no-such-tool:
                    %1$s.needsWhatNobodyHas
                  the kernel is too old:
                    %1$s.assumes
                """.formatted(NAME), SkippedTests.summary(directory));
    }

    @Test
    void addsUpTheTestProcessesOfABuild() throws IOException {
        Files.writeString(directory.resolve("1"), "reason\ta.B.c\nreason\ta.B.c\n");
        Files.writeString(directory.resolve("2"), "reason\ta.A.c\n");
        assertEquals("""
                Skipped: 3 (.ci/run installs what tests need)
                  reason:
                    a.A.c
                    a.B.c
                """, SkippedTests.summary(directory));
    }

    @Test
    void failsUnderContinuousIntegration() throws IOException {
        TestExecutionSummary summary = run("true");
        assertEquals(1, summary.getTestsSucceededCount());
        assertEquals(1, summary.getTestsFailedCount());
        assertTrue(!SkippedTests.summary(directory).contains("no-such-tool"));
    }

    @Test
    void saysWhenNothingWasSkipped() throws IOException {
        assertEquals("No test was skipped.\n", SkippedTests.summary(directory.resolve("none")));
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
                new SkippedTests(directory));
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

        @Test
        void assumes() {
            abort("the kernel is too old");
        }
    }
}
