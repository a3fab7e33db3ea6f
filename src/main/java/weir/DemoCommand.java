package weir;

import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code weir demo}: the proxy in front of two hello and two sum backends, each a process of its own. */
@Command(
        name = "demo",
        description = "Runs the proxy in front of the demo backends, which it starts.",
        mixinStandardHelpOptions = true)
final class DemoCommand implements Callable<Integer> {
    private static final List<Integer> HTTP_PORTS = List.of(9001, 9002, 9011, 9012);
    private static final List<Integer> PORTS = List.of(9001, 9002, 9011, 9012, 9021, 9022);
    private static final Duration START_TIMEOUT = Duration.ofSeconds(60);
    private static final Duration CHECK_TIMEOUT = Duration.ofSeconds(20);
    private static final int POLL_MILLIS = 50;

    private static final String TRY = """

            Weir listens on http://localhost:8080 in front of two hello and two sum backends. In another terminal:

              curl localhost:8080/hello/Ada                 Hello, Ada!  (x-backend says which one answered)
              curl 'localhost:8080/sum?a=1&b=2'             {"result":3}
              grpcurl -plaintext -d '{"a":1,"b":2}' localhost:8080 weir.demo.v1.Calculator/Sum
                                                            the same over gRPC, with any gRPC client
              curl -s localhost:9900/api/services           every backend, and why it is in or out
              for i in $(seq 10); do curl -s localhost:8080/hello/error; done
                                                            one hello is ejected for its errors, and returns in half a minute
              kill -9 %d
                                                            hello-1 dies: requests go on without it, if hello-2 is back
              java -jar %s hello --name hello-1 --port 9001
                                                            hello-1 lives again, and is taken back

            Each request is a line of JSON below. Ctrl-C ends all.

            """;

    @Option(
            names = {"-c", "--config"},
            paramLabel = "FILE",
            description = "The configuration (default: the config.yaml that came with Weir).")
    private @Nullable Path config;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws IOException, InterruptedException {
        PrintWriter err = spec.commandLine().getErr();
        Path jar = jar();
        Path backends = jar.resolveSibling("demo-backends.jar");
        Path file = config != null ? config : besides(jar);
        if (!Files.isReadable(backends) || !Files.isReadable(file)) {
            err.println("weir: " + (Files.isReadable(file) ? backends : file)
                    + " is not there (expected: built by mvn package)");
            return 1;
        }
        int taken = takenPort();
        if (taken != 0) {
            err.println("weir: port " + taken + " is in use (expected: free for the demo backends, as all of " + PORTS
                    + "; is another demo running?)");
            return 1;
        }
        List<Process> processes = new ArrayList<>();
        Thread end = new Thread(() -> stop(processes), "demo-end");
        Runtime.getRuntime().addShutdownHook(end);
        try {
            processes.add(start(backends, "hello", "hello-1", "--port", "9001"));
            processes.add(start(backends, "hello", "hello-2", "--port", "9002"));
            processes.add(start(backends, "sum", "sum-1", "--port", "9011", "--grpc-port", "9021"));
            processes.add(start(backends, "sum", "sum-2", "--port", "9012", "--grpc-port", "9022"));
            if (!awaitHealthy(processes)) {
                err.println("weir: the demo backends did not start (expected: every one healthy within "
                        + START_TIMEOUT.toSeconds() + " s)");
                return 1;
            }
            long pid = processes.get(0).pid();
            return RunCommand.run(file.toString(), err, weir -> {
                awaitChecked(weir);
                err.printf(TRY, pid, quoted(shortest(backends).toString()));
                err.flush();
            });
        } finally {
            stop(processes);
        }
    }

    /** A port that a demo backend could not have; 0 when all are free. */
    private static int takenPort() {
        for (int port : PORTS) {
            try {
                new ServerSocket(port, 1, InetAddress.getLoopbackAddress()).close();
            } catch (IOException e) {
                return port;
            }
        }
        return 0;
    }

    /** Waits until every backend answers its health check: else the demo began with warnings about its own backends. */
    private static boolean awaitHealthy(List<Process> processes) throws InterruptedException {
        HttpClient client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(Duration.ofSeconds(1))
                .build();
        long end = System.nanoTime() + START_TIMEOUT.toNanos();
        for (int port : HTTP_PORTS) {
            while (!healthy(client, port)) {
                if (System.nanoTime() - end > 0 || !processes.stream().allMatch(Process::isAlive)) {
                    return false;
                }
                Thread.sleep(POLL_MILLIS);
            }
        }
        return true;
    }

    /** Waits until Weir has found every backend healthy: on a busy machine its own first checks may come to nothing. */
    private static void awaitChecked(Weir weir) {
        long end = System.nanoTime() + CHECK_TIMEOUT.toNanos();
        while (System.nanoTime() - end < 0
                && weir.control().services().all().stream()
                        .flatMap(service -> service.backends().stream())
                        .anyMatch(backend -> !backend.checked() || !backend.available())) {
            try {
                Thread.sleep(POLL_MILLIS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    private static boolean healthy(HttpClient client, int port) throws InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/health"))
                .timeout(Duration.ofSeconds(5))
                .build();
        try {
            return client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() == 200;
        } catch (IOException e) {
            return false; // it does not listen yet
        }
    }

    /** A word for the shell. */
    static String quoted(String word) {
        return word.matches("[\\w./-]+") ? word : "'" + word.replace("'", "'\\''") + "'";
    }

    private static Path shortest(Path file) {
        Path here = Path.of("").toAbsolutePath();
        return file.startsWith(here) ? here.relativize(file) : file;
    }

    private static Process start(Path jar, String role, String name, String... more) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx64m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-jar",
                jar.toString(),
                role,
                "--name",
                name,
                "--until-stdin-closes"));
        command.addAll(List.of(more));
        return new ProcessBuilder(command)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    private static void stop(List<Process> processes) {
        for (Process process : processes) {
            process.destroy();
        }
        for (Process process : processes) {
            try {
                if (!process.waitFor(2, TimeUnit.SECONDS)) {
                    process.destroyForcibly();
                }
            } catch (InterruptedException e) {
                process.destroyForcibly();
                Thread.currentThread().interrupt();
            }
        }
    }

    private static Path jar() throws IOException {
        try {
            return Path.of(DemoCommand.class
                            .getProtectionDomain()
                            .getCodeSource()
                            .getLocation()
                            .toURI())
                    .toAbsolutePath();
        } catch (URISyntaxException e) {
            throw new IOException(e);
        }
    }

    /** The configuration beside the jar, or beside the folder the jar was built in, or here. */
    private static Path besides(Path jar) {
        Path home = jar.getParent();
        for (Path folder = home; folder != null && folder != home.getRoot(); folder = folder.getParent()) {
            Path candidate = folder.resolve("config.yaml");
            if (Files.isReadable(candidate)) {
                return candidate;
            }
            if (folder != home) {
                break;
            }
        }
        return Path.of("config.yaml");
    }
}
