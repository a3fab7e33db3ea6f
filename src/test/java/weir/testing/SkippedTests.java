package weir.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.TestExecutionResult.Status;
import org.junit.platform.engine.support.descriptor.ClassSource;
import org.junit.platform.engine.support.descriptor.MethodSource;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.TestPlan;

/**
 * Notes which tests were skipped, and why, in a file for each test process; the build prints them all by {@link #main} as
 * the last thing before Maven's own summary. JUnit finds the listener as a service.
 */
public final class SkippedTests implements TestExecutionListener {
    private static final char BETWEEN = '\t';

    private final List<String> skipped = new ArrayList<>();
    private final @Nullable Path directory;

    /** Called by JUnit; notes nothing outside the build, which sets the property. */
    public SkippedTests() {
        this(Optional.ofNullable(System.getProperty("weir.skipped"))
                .map(Path::of)
                .orElse(null));
    }

    SkippedTests(@Nullable Path directory) {
        this.directory = directory;
    }

    @Override
    public void executionSkipped(TestIdentifier test, String reason) {
        note(test, reason);
    }

    @Override
    public void executionFinished(TestIdentifier test, TestExecutionResult result) {
        if (result.getStatus() == Status.ABORTED) {
            note(test, result.getThrowable().map(Throwable::getMessage).orElse("no reason given"));
        }
    }

    private void note(TestIdentifier test, String reason) {
        String text = reason.replaceFirst("^Assumption failed: ", "").replaceAll("\\s+", " ");
        skipped.add(text + BETWEEN + name(test));
    }

    @Override
    public void testPlanExecutionFinished(TestPlan plan) {
        if (directory == null || skipped.isEmpty()) {
            return;
        }
        try {
            Files.createDirectories(directory);
            // A test process runs several plans.
            Files.write(
                    directory.resolve(Long.toString(ProcessHandle.current().pid())),
                    skipped,
                    StandardOpenOption.CREATE,
                    StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        skipped.clear();
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

    /** Prints what the test processes of one build noted in a directory, by reason. */
    public static void main(String... arguments) throws IOException {
        System.out.print(summary(Path.of(arguments[0])));
    }

    static String summary(Path directory) throws IOException {
        Map<String, TreeSet<String>> testsByReason = new TreeMap<>();
        int count = 0;
        if (Files.isDirectory(directory)) {
            try (Stream<Path> files = Files.list(directory)) {
                for (Path file : files.toList()) {
                    for (String line : Files.readAllLines(file)) {
                        int end = line.lastIndexOf(BETWEEN);
                        testsByReason
                                .computeIfAbsent(line.substring(0, end), reason -> new TreeSet<>())
                                .add(line.substring(end + 1));
                        count++;
                    }
                }
            }
        }
        return testsByReason.isEmpty()
                ? "No test was skipped.\n"
                : "Skipped: " + count + " (.ci/run installs what tests need)\n"
                        + testsByReason.entrySet().stream()
                                .map(entry ->
                                        "  " + entry.getKey() + ":\n    " + String.join("\n    ", entry.getValue()))
                                .collect(Collectors.joining("\n", "", "\n"));
    }
}
