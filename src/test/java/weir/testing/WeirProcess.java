package weir.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A real Weir: {@code java -jar target/weir.jar run} in a directory of its own. Closing it drains it by SIGTERM and
 * fails the test when it leaked a buffer, wrote a stack trace, or did not exit with 0. Thread-safe.
 */
public final class WeirProcess implements AutoCloseable {
    /** How long anything may take that is expected to happen at once; generous, for busy machines. */
    public static final Duration PATIENCE = Duration.ofSeconds(20);

    private static final Pattern LISTENS = Pattern.compile("listener (\\S+) listens on port (\\d+)");
    private static final Pattern ADMIN = Pattern.compile("admin on \\S*:(\\d+)$");
    private static final HttpClient HTTP = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(5))
            .build();

    private final Process process;
    private final Path directory;
    private final WeirLaunch launch;
    private final OutputLines stdout;
    private final OutputLines stderr;
    private boolean ended;
    private boolean expectsTraces;

    WeirProcess(Process process, Path directory, WeirLaunch launch) {
        this.process = process;
        this.directory = directory;
        this.launch = launch;
        this.stdout = new OutputLines(process.getInputStream(), "weir stdout");
        if (!launch.holdsStdout()) {
            stdout.start();
        }
        this.stderr = new OutputLines(process.getErrorStream(), "weir stderr").start();
    }

    /** Starts Weir with that configuration and waits until it is ready. */
    public static WeirProcess start(String yaml) throws IOException, InterruptedException {
        return new WeirLaunch(yaml).start();
    }

    /** Starts Weir with that many event loops and no routes, for tests that give theirs by {@link #use}. */
    public static WeirProcess withThreads(int threads) throws IOException, InterruptedException {
        return new WeirLaunch("").threads(threads).start();
    }

    /** Puts that configuration in force and returns when it is. */
    public WeirProcess use(String yaml) throws IOException, InterruptedException {
        rewrite(yaml);
        HttpResponse<String> response = admin("POST", "/api/reload");
        assertEquals(200, response.statusCode(), response.body());
        return this;
    }

    /** The port of the listener {@code web}. */
    public int port() throws InterruptedException {
        return port("web");
    }

    /** The port of that listener; waits for it. */
    public int port(String listener) throws InterruptedException {
        String line = awaitStderr("listener " + listener + " listens on port ");
        Matcher matcher = LISTENS.matcher(line);
        assertTrue(matcher.find(), line);
        return Integer.parseInt(matcher.group(2));
    }

    /** The port of the admin API. */
    public int adminPort() throws InterruptedException {
        String line = awaitStderr("ready in ");
        Matcher matcher = ADMIN.matcher(line);
        assertTrue(matcher.find(), line);
        return Integer.parseInt(matcher.group(1));
    }

    /** Sends a request to the admin API. */
    public HttpResponse<String> admin(String method, String path, String... fields)
            throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + adminPort() + path))
                .method(method, HttpRequest.BodyPublishers.noBody());
        if (fields.length > 0) {
            request.headers(fields);
        }
        return HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    /** The answer to a GET of the admin API, which must be 200. */
    public JsonObject adminJson(String path) throws IOException, InterruptedException {
        HttpResponse<String> response = admin("GET", path);
        assertEquals(200, response.statusCode(), response.body());
        return JsonParser.parseString(response.body()).getAsJsonObject();
    }

    /** What {@code /api/services} says of one backend. */
    public JsonObject backend(String service, int port) throws IOException, InterruptedException {
        for (var backend : adminJson("/api/services/" + service).getAsJsonArray("backends")) {
            if (backend.getAsJsonObject().get("address").getAsString().endsWith(":" + port)) {
                return backend.getAsJsonObject();
            }
        }
        throw new AssertionError("service " + service + " has no backend on port " + port);
    }

    /** Waits until a backend is in that state, as the admin API names it. */
    public void awaitState(String service, int port, String state) throws IOException, InterruptedException {
        Await.until(
                () -> backend(service, port).get("state").getAsString().equals(state),
                () -> "backend " + port + " never became " + state + "; stderr: " + stderrText());
    }

    /** The lines of the access log so far, for format json on stdout. */
    public List<JsonObject> accessLog() {
        return stdout.all().stream()
                .map(line -> JsonParser.parseString(line).getAsJsonObject())
                .toList();
    }

    /** Begins to read stdout, which {@link WeirLaunch#holdStdout} left unread. */
    public void releaseStdout() {
        stdout.start();
    }

    /** The lines of stdout so far. */
    public List<String> stdoutLines() {
        return stdout.all();
    }

    /** The first access-log line that matches; waits for it. */
    public JsonObject awaitLog(Predicate<JsonObject> wanted) throws InterruptedException {
        String line =
                stdout.await(text -> wanted.test(JsonParser.parseString(text).getAsJsonObject()), PATIENCE);
        assertNotNull(line, () -> "no such line in the access log: " + stdout.all() + "\nstderr: " + stderrText());
        return JsonParser.parseString(line).getAsJsonObject();
    }

    /** The first access-log line that matches behind so many others; waits for it. */
    public JsonObject awaitLogAfter(int lines, Predicate<JsonObject> wanted) throws IOException, InterruptedException {
        Await.until(
                () -> accessLog().stream().skip(lines).anyMatch(wanted),
                () -> "no such line in the access log: " + stdout.all());
        return accessLog().stream().skip(lines).filter(wanted).findFirst().orElseThrow();
    }

    /** The first access-log line of that connection; waits for it. Others may have had its port before. */
    public JsonObject awaitLog(RawClient client) throws InterruptedException {
        String peer = "127.0.0.1:" + client.localPort();
        Instant since = Instant.ofEpochMilli(client.sinceMillis());
        return awaitLog(line -> line.get("peer").getAsString().equals(peer)
                && !Instant.parse(line.get("time").getAsString()).isBefore(since));
    }

    /** The first access-log line of that path; waits for it. */
    public JsonObject awaitLog(String path) throws InterruptedException {
        return awaitLog(
                line -> line.has("path") && line.get("path").getAsString().equals(path));
    }

    /** The first line of stderr that contains the text; waits for it. */
    public String awaitStderr(String text) throws InterruptedException {
        String line = stderr.await(l -> l.contains(text), PATIENCE);
        assertNotNull(line, () -> "stderr never said \"" + text + "\": " + stderrText());
        return line;
    }

    /** Waits until that many lines of stderr contain the text. */
    public void awaitStderr(String text, int times) throws IOException, InterruptedException {
        Await.until(
                () -> stderr.all().stream().filter(l -> l.contains(text)).count() >= times,
                () -> "stderr did not say \"" + text + "\" " + times + " times: " + stderrText());
    }

    /** Everything on stderr so far. */
    public String stderrText() {
        return String.join("\n", stderr.all());
    }

    /** The configuration file. */
    public Path config() {
        return directory.resolve("weir.yaml");
    }

    /** The directory of the configuration file, which is the working directory, too. */
    public Path directory() {
        return directory;
    }

    /** Replaces the configuration file in one step, as careful editors do. */
    public void rewrite(String yaml) throws IOException {
        Path next = directory.resolve("weir.yaml.next");
        Files.writeString(next, launch.complete(yaml));
        Files.move(next, config(), StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    }

    /** Sends a signal: {@code TERM}, {@code HUP}, {@code USR1}, {@code KILL}. */
    public void signal(String name) throws IOException {
        Signal.send(name, process.pid());
    }

    /** Waits for the end of the process and returns its exit code. */
    public int awaitExit() throws InterruptedException {
        assertTrue(process.waitFor(60, TimeUnit.SECONDS), () -> "the process does not end: " + stderrText());
        ended = true;
        stdout.join();
        stderr.join();
        return process.exitValue();
    }

    /** The process itself. */
    public ProcessHandle handle() {
        return process.toHandle();
    }

    /** Closing does not mind stack traces: the test makes Weir write one. */
    public WeirProcess expectingTraces() {
        expectsTraces = true;
        return this;
    }

    /** Fails when a buffer was leaked: collects garbage and lets the leak detector look at what was collected. */
    public void assertNoLeak() throws IOException, InterruptedException {
        // The detector reports at the next allocation after a collection, references being queued a moment later.
        for (int i = 0; i < 2; i++) {
            JvmAttachment.collectGarbage(process.pid());
            for (int j = 0; j < 3; j++) {
                admin("GET", "/healthz");
            }
        }
        assertTrue(!stderrText().contains("LEAK:"), this::stderrText);
    }

    @Override
    public String toString() {
        return launch.toString();
    }

    @Override
    public void close() throws IOException {
        try {
            if (!ended) {
                assertNoLeak();
                signal("TERM");
                assertEquals(0, awaitExit(), this::stderrText);
            }
            String said = stderrText();
            assertTrue(!said.contains("LEAK:"), said);
            assertTrue(expectsTraces || !said.contains("\tat "), said);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } finally {
            kill();
        }
    }

    /** Kills the process and removes what it leaves behind. */
    void kill() throws IOException {
        process.destroyForcibly();
        JvmAttachment.removeSocket(process);
    }
}
