package weir.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Starts Weir many times, drains it under HTTP/3 load, and counts the exits that were not 0: the program behind
 * {@code bench/http3-exits}. Confined to one thread.
 */
public final class Http3Exits {
    private static final Pattern LISTENS = Pattern.compile("listener web listens on port (\\d+)");
    private static final int CLIENTS = 3;
    private static final int BATCH = 12;

    /** Responses until the load counts as one. */
    private static final int WARM = 20;

    private static final int LARGE = 400_000;
    private static final int TAIL = 40;
    private static final int HUNG = -1;
    private static final int CANCELLED = 0x10c;

    private final Path directory;
    private final List<String> command;
    private final AtomicLong answered = new AtomicLong();
    private int drained;

    private Http3Exits(Path directory, List<String> command) {
        this.directory = directory;
        this.command = command;
    }

    /** Arguments: the directory for files, the number of runs, and the words that start Weir. */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        int runs = Integer.parseInt(arguments[1]);
        Http3Exits exits =
                new Http3Exits(Path.of(arguments[0]), List.of(arguments).subList(2, arguments.length));
        System.exit(exits.count(runs) == 0 ? 0 : 1);
    }

    private int count(int runs) throws IOException, InterruptedException {
        Http3Site site = new Http3Site(directory);
        int bad = 0;
        try (ScriptedBackend backend = ScriptedBackend.start(Http3Exits::serve)) {
            Files.writeString(
                    directory.resolve("weir.yaml"),
                    "threads: 2\nadmin: {address: \"127.0.0.1:0\"}\n"
                            + site.yaml(backend, "shutdown: {drain-timeout: 400ms}"));
            for (int run = 1; run <= runs; run++) {
                int code = run(run, site.authority());
                bad += code == 0 ? 0 : 1;
                if (run % 10 == 0 || run == runs) {
                    System.out.println(drained + " drained and exited with 0, " + bad + " did not; " + answered.get()
                            + " responses");
                }
            }
        }
        return bad;
    }

    private static void serve(BackendSocket connection) throws IOException {
        String small = ScriptedBackend.ok("s");
        String large = ScriptedBackend.ok("l".repeat(LARGE));
        for (String head = connection.readRequest(); head != null; head = connection.readRequest()) {
            connection.send(head.contains(" /large ") ? large : small);
        }
    }

    /** One life of Weir; returns its exit code. */
    private int run(int number, Path authority) throws IOException, InterruptedException {
        Path own = Files.createDirectories(directory.resolve("run-" + number));
        Path stderr = own.resolve("stderr");
        List<String> whole = new ArrayList<>(command);
        whole.addAll(List.of("run", "--config", directory.resolve("weir.yaml").toString()));
        Process weir = new ProcessBuilder(whole)
                .directory(own.toFile())
                .redirectOutput(own.resolve("stdout").toFile())
                .redirectError(stderr.toFile())
                .start();
        Thread interrupted = new Thread(weir::destroyForcibly);
        Runtime.getRuntime().addShutdownHook(interrupted);
        boolean loaded = false;
        int code;
        try {
            loadUntilTerminated(weir, stderr, authority);
            loaded = true;
        } catch (IOException | AssertionError slow) {
            System.out.println("run " + number + " does not count: no load: " + slow.getMessage());
            weir.destroy();
        } finally {
            code = exit(weir);
            Runtime.getRuntime().removeShutdownHook(interrupted);
        }
        String said = Files.readString(stderr);
        if (!loaded || code == 0 && !said.contains("\tat ")) {
            delete(own);
            drained += loaded ? 1 : 0;
            return 0;
        }
        Path kept = Files.move(own, directory.resolve("bad-" + number));
        System.out.println("run " + number + ": exit " + (code == HUNG ? "never (killed after 30 s)" : "" + code)
                + "; files in " + kept);
        List<String> lines = said.lines().toList();
        lines.subList(Math.max(0, lines.size() - TAIL), lines.size()).forEach(line -> System.out.println("  " + line));
        return code == 0 ? 1 : code;
    }

    private void loadUntilTerminated(Process weir, Path stderr, Path authority)
            throws IOException, InterruptedException {
        Await.until(
                () -> !weir.isAlive() || Files.readString(stderr).contains("ready in "), () -> "Weir does not start");
        Matcher port = LISTENS.matcher(Files.readString(stderr));
        if (!port.find()) {
            return;
        }
        List<Http3Client> clients = new ArrayList<>();
        List<Thread> threads = new ArrayList<>();
        try {
            for (int i = 0; i < CLIENTS; i++) {
                Http3Client client = Http3Client.connect(Integer.parseInt(port.group(1)), authority, "a.test");
                clients.add(client);
                Thread thread = new Thread(() -> ask(client), "load " + i);
                thread.setDaemon(true);
                thread.start();
                threads.add(thread);
            }
            long before = answered.get();
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
            while (answered.get() < before + WARM && System.nanoTime() < end) {
                Thread.sleep(5);
            }
            Thread.sleep(ThreadLocalRandom.current().nextInt(300));
            Signal.send("TERM", weir.pid());
            weir.waitFor(30, TimeUnit.SECONDS);
        } finally {
            for (Http3Client client : clients) {
                client.close();
            }
            for (Thread thread : threads) {
                thread.join(5_000);
            }
        }
    }

    private static int exit(Process weir) throws InterruptedException {
        if (!weir.waitFor(30, TimeUnit.SECONDS)) {
            weir.destroyForcibly().waitFor();
            return HUNG;
        }
        return weir.exitValue();
    }

    /** Asks on one connection until it is closed: small and large responses, unread ones, uploads, broken-off ones. */
    private void ask(Http3Client client) {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        try {
            while (!client.closed()) {
                List<Http3ClientRequest> batch = new ArrayList<>();
                for (int i = 0; i < BATCH && client.room() > 0; i++) {
                    batch.add(open(client, i % 5));
                }
                long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(random.nextInt(20, 400));
                do {
                    Thread.sleep(1);
                } while (!client.closed() && open(batch) > 0 && System.nanoTime() < end);
                for (Http3ClientRequest request : batch) {
                    if (request.complete()) {
                        answered.incrementAndGet();
                    } else if (random.nextBoolean()) {
                        request.cancel(CANCELLED);
                    } else {
                        request.reads(true);
                    }
                }
            }
        } catch (IOException | InterruptedException | RuntimeException closed) {
            // Weir went away, as it was asked to.
        }
    }

    private static long open(List<Http3ClientRequest> batch) {
        return batch.stream()
                .filter(request -> !request.complete() && request.resetBy() < 0)
                .count();
    }

    private static Http3ClientRequest open(Http3Client client, int kind) throws IOException, InterruptedException {
        Http3ClientRequest request = client.open().counting();
        String method = kind == 0 ? "POST" : "GET";
        request.head(
                kind != 0,
                ":method: " + method,
                ":scheme: https",
                ":authority: a.test",
                ":path: " + (kind > 2 ? "/large" : "/small"));
        if (kind == 0) {
            request.end(request.block(50_000));
        }
        return kind == 4 ? request.reads(false) : request;
    }

    private static void delete(Path directory) throws IOException {
        try (var files = Files.list(directory)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(directory);
    }
}
