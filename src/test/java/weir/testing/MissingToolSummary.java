package weir.testing;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.platform.engine.support.descriptor.ClassSource;
import org.junit.platform.engine.support.descriptor.MethodSource;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.TestPlan;

/** Says at the end of a run which tests were skipped for want of a tool. JUnit finds it as a service. */
public final class MissingToolSummary implements TestExecutionListener {
    private final List<String> skipped = new ArrayList<>();
    private final PrintStream out;

    /** Called by JUnit. */
    public MissingToolSummary() {
        this(System.out);
    }

    MissingToolSummary(PrintStream out) {
        this.out = out;
    }

    @Override
    public void executionSkipped(TestIdentifier test, String reason) {
        if (reason.startsWith(ToolCondition.MISSING)) {
            skipped.add(reason.substring(ToolCondition.MISSING.length()) + ": " + name(test));
        }
    }

    @Override
    public void testPlanExecutionFinished(TestPlan plan) {
        if (!skipped.isEmpty()) {
            out.println("Skipped, because this machine lacks a tool (.ci/run installs them all):");
            skipped.stream().sorted().forEach(line -> out.println("  " + line));
            skipped.clear();
        }
    }

    private static String name(TestIdentifier test) {
        Optional<String> method = test.getSource()
                .filter(MethodSource.class::isInstance)
                .map(MethodSource.class::cast)
                .map(source -> source.getClassName() + "." + source.getMethodName());
        return method.or(() -> test.getSource()
                        .filter(ClassSource.class::isInstance)
                        .map(ClassSource.class::cast)
                        .map(ClassSource::getClassName))
                .orElse(test.getDisplayName());
    }
}
