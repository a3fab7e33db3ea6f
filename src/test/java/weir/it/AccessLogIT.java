package weir.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import weir.testing.Await;
import weir.testing.Load;
import weir.testing.RawClient;
import weir.testing.WeirLaunch;
import weir.testing.WeirProcess;

/** One line for every request, in the format asked for, where it was asked for, come what may. */
@Timeout(120)
final class AccessLogIT {
    private static final String ROUTES = "routes: [{path: /, respond: {status: 200, body: ok}}]\n";
    private static final String GET = "GET /a?b=c HTTP/1.1\r\nHost: a.test:80\r\nUser-Agent: x \"y\\z\r\n"
            + "Referer: http://r.test/\r\ntraceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\n\r\n";

    private static String logged(String format) throws IOException, InterruptedException {
        try (WeirProcess weir = WeirProcess.start(ROUTES + "access-log: {format: '" + format + "'}\n")) {
            RawClient.exchange(weir.port(), GET);
            Await.until(() -> !weir.stdoutLines().isEmpty(), () -> "no line");
            return weir.stdoutLines().get(0);
        }
    }

    @Test
    void writesJson() throws Exception {
        JsonObject line = JsonParser.parseString(logged("json")).getAsJsonObject();
        assertEquals("/a?b=c", line.get("path").getAsString());
        assertEquals("a.test", line.get("host").getAsString());
        assertEquals("GET", line.get("method").getAsString());
        assertEquals("HTTP/1.1", line.get("protocol").getAsString());
        assertEquals("x \"y\\z", line.get("user_agent").getAsString());
        assertEquals("http://r.test/", line.get("referer").getAsString());
        assertEquals("0af7651916cd43dd8448eb211c80319c", line.get("trace_id").getAsString());
        assertEquals("web", line.get("listener").getAsString());
        assertEquals(2, line.get("bytes_out").getAsInt());
        assertTrue(line.get("duration").getAsDouble() < 10);
        assertTrue(line.get("time").getAsString().matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z"));
    }

    @Test
    void writesTheCombinedFormatThatLogAnalysersRead() throws Exception {
        String line = logged("combined");
        assertTrue(
                line.matches("127\\.0\\.0\\.1 - - \\[\\d\\d/\\w{3}/\\d{4}:\\d\\d:\\d\\d:\\d\\d [+-]\\d{4}] "
                        + "\"GET /a\\?b=c HTTP/1\\.1\" 200 2 \"http://r\\.test/\" \"x \\\\x22y\\\\x5Cz\""),
                line);
    }

    @Test
    void writesLogfmt() throws Exception {
        String line = logged("logfmt");
        assertTrue(line.contains(" path=\"/a?b=c\" status=200 ") || line.contains(" path=/a?b=c status=200 "), line);
        assertTrue(line.contains(" user_agent=\"x \\\"y\\\\z\""), line);
    }

    @Test
    void writesATemplate() throws Exception {
        assertEquals(
                "GET a.test/a?b=c -> 200 [http://r.test/]", logged("{method} {host}{path} -> {status} [{referer}]"));
    }

    private static List<String> paths(Path directory) throws IOException {
        List<String> paths = new ArrayList<>();
        Pattern pattern = Pattern.compile("\"path\":\"(/load[^\"]*)\"");
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.filter(f -> f.getFileName().toString().startsWith("access.log"))
                    .toList()) {
                for (String line : Files.readAllLines(file)) {
                    JsonParser.parseString(line);
                    Matcher matcher = pattern.matcher(line);
                    if (matcher.find()) {
                        paths.add(matcher.group(1));
                    }
                }
            }
        }
        return paths;
    }

    private static void assertOnce(Load load, Path directory) throws IOException, InterruptedException {
        Await.until(() -> paths(directory).size() >= load.answered().size(), () -> "lines are missing");
        List<String> paths = paths(directory);
        assertEquals(load.answered().size(), paths.size());
        assertEquals(load.answered(), new TreeSet<>(paths));
    }

    @Test
    void losesNothingWhenFilesRotate() throws Exception {
        String log = "access-log: {output: file, file: logs/access.log, rotate: {size: 200KiB, keep: 50}}\n";
        try (WeirProcess weir = new WeirLaunch(ROUTES + log).threads(2).start()) {
            Path logs = weir.directory().resolve("logs");
            Load load = Load.start(weir.port(), "/load", 4);
            load.awaitMore(3_000);
            load.finish();
            assertEquals(List.of(), load.failures());
            assertOnce(load, logs);
            try (Stream<Path> files = Files.list(logs)) {
                assertTrue(files.count() > 2, "nothing was rotated");
            }
            assertEquals(List.of(), weir.stdoutLines());
        }
    }

    @Test
    void opensTheFileAgainWhenItIsTold() throws Exception {
        String log = "access-log: {output: file, file: access.log}\n";
        try (WeirProcess weir = new WeirLaunch(ROUTES + log).threads(2).start()) {
            Path file = weir.directory().resolve("access.log");
            Load load = Load.start(weir.port(), "/load", 4);
            for (int i = 1; i <= 3; i++) {
                load.awaitMore(300);
                Files.move(file, weir.directory().resolve("access.log.old" + i), StandardCopyOption.ATOMIC_MOVE);
                weir.signal("USR1");
                Await.until(() -> Files.exists(file), () -> "the file was not opened again");
            }
            load.awaitMore(100);
            load.finish();
            assertEquals(List.of(), load.failures());
            assertOnce(load, weir.directory());
        }
    }

    @Test
    void writesWhatIsLeftBeforeItEnds() throws Exception {
        try (WeirProcess weir = WeirProcess.start(ROUTES)) {
            RawClient.get(weir.port(), "/last");
            weir.signal("TERM");
            assertEquals(0, weir.awaitExit());
            weir.awaitLog("/last");
        }
    }

    @Test
    void pausesRequestsWhileTheReaderOfTheLogDoes() throws Exception {
        // A line of 4 KiB each: the memory for lines is full after a thousand of them.
        String prefix = "/load" + "x".repeat(4_000) + "/";
        try (WeirProcess weir = new WeirLaunch(ROUTES + "access-log: {when-full: pause}\n")
                .threads(1)
                .holdStdout()
                .start()) {
            Load load = Load.start(weir.port(), prefix, 4);
            load.awaitMore(300);
            Await.until(
                    () -> {
                        int before = load.answered().size();
                        Thread.sleep(500);
                        return load.answered().size() == before;
                    },
                    () -> "requests are served although nobody reads the log");
            weir.releaseStdout();
            load.awaitMore(300);
            load.finish();
            assertEquals(List.of(), load.failures());
            Await.until(() -> weir.stdoutLines().size() >= load.answered().size(), () -> "lines are missing");
            assertEquals(load.answered().size(), weir.stdoutLines().size());
        }
    }

    @Test
    void countsTheLinesItDrops() throws Exception {
        String prefix = "/load" + "x".repeat(4_000) + "/";
        try (WeirProcess weir = new WeirLaunch(ROUTES).threads(1).holdStdout().start()) {
            Load load = Load.start(weir.port(), prefix, 4);
            load.awaitMore(2_500);
            load.finish();
            assertEquals(List.of(), load.failures());
            weir.releaseStdout();
            weir.awaitStderr("lines lost");
            Pattern dropped = Pattern.compile("(?m)^weir_access_log_dropped_total (\\d+)");
            Matcher matcher = dropped.matcher(weir.admin("GET", "/metrics").body());
            assertTrue(matcher.find());
            int lost = Integer.parseInt(matcher.group(1));
            assertTrue(lost > 0);
            int answered = load.answered().size();
            Await.until(() -> weir.stdoutLines().size() + lost >= answered, () -> "lines are missing");
            assertEquals(answered, weir.stdoutLines().size() + lost);
        }
    }
}
