package weir.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** README's first command: {@code java -jar target/weir.jar demo} in this directory, on the demo's own ports. Thread-safe. */
public final class DemoProcess implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final Pattern KILL = Pattern.compile("kill -9 (\\d+)");

    private final Process process;
    private final OutputLines stdout;
    private final OutputLines stderr;

    private DemoProcess(Process process) {
        this.process = process;
        this.stdout = new OutputLines(process.getInputStream(), "demo stdout").start();
        this.stderr = new OutputLines(process.getErrorStream(), "demo stderr").start();
    }

    /** Starts it and waits until it has printed what to try. */
    public static DemoProcess start() throws IOException, InterruptedException {
        DemoProcess demo = new DemoProcess(new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-jar",
                        WeirLaunch.jar().toString(),
                        "demo")
                .start());
        try {
            demo.awaitStderr(line -> line.contains("Ctrl-C ends all"), "the hints");
            return demo;
        } catch (AssertionError | InterruptedException e) {
            demo.process.destroy();
            throw e;
        }
    }

    /** The process id of hello-1, as the hints print it. */
    public String firstBackendPid() {
        Matcher matcher = KILL.matcher(stderr());
        if (!matcher.find()) {
            throw new AssertionError("no process id in " + stderr());
        }
        return matcher.group(1);
    }

    /** Waits for a line of stderr; {@code wanted} names it in the failure. */
    public void awaitStderr(Predicate<String> wanted, String name) throws InterruptedException {
        assertNotNull(stderr.await(wanted, PATIENCE), () -> "stderr never said: " + name + "\nbut:\n" + stderr());
    }

    /** The lines of the access log so far. */
    public List<String> stdout() {
        return stdout.all();
    }

    /** Everything on stderr so far. */
    public String stderr() {
        return String.join("\n", stderr.all());
    }

    @Override
    public void close() throws IOException {
        process.destroy();
        try {
            if (!process.waitFor(60, TimeUnit.SECONDS)) {
                throw new AssertionError("the demo does not end: " + stderr());
            }
            assertEquals(0, process.exitValue(), this::stderr);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } finally {
            process.destroyForcibly();
        }
    }
}
