package weir.testing;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A backend in a process of its own, which can be killed: one of {@code demo-backends.jar}. Thread-safe. */
public final class DemoBackend implements AutoCloseable {
    private final Process process;
    private final int port;

    private DemoBackend(Process process, int port) {
        this.process = process;
        this.port = port;
    }

    /** The one that greets, on that port; 0 means one of the kernel's choice. */
    public static DemoBackend hello(int port) throws IOException, InterruptedException {
        return start("hello", "--port", Integer.toString(port));
    }

    /** The one that adds, over HTTP and over gRPC on these ports. */
    public static DemoBackend sum(int port, int grpcPort) throws IOException, InterruptedException {
        return start("sum", "--port", Integer.toString(port), "--grpc-port", Integer.toString(grpcPort));
    }

    private static DemoBackend start(String... role) throws IOException, InterruptedException {
        String jar = System.getProperty("weir.demo.jar", "target/demo-backends.jar");
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-Xmx64m",
                "-jar",
                Path.of(jar).toAbsolutePath().toString()));
        command.addAll(List.of(role));
        command.add("--until-stdin-closes");
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        OutputLines lines = new OutputLines(process.getInputStream(), "demo backend").start();
        String ready = lines.await(line -> line.matches(".*:\\d+"), Duration.ofSeconds(30));
        if (ready == null) {
            process.destroyForcibly();
            throw new AssertionError("the demo backend did not start: " + lines.all());
        }
        return new DemoBackend(process, Integer.parseInt(ready.replaceAll(".*:", "")));
    }

    /** Where it listens. */
    public int port() {
        return port;
    }

    /** Ends it by SIGKILL. */
    public void kill() throws InterruptedException {
        process.destroyForcibly();
        process.waitFor(10, TimeUnit.SECONDS);
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
