package weir.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import weir.config.FileSource;

/** From a file alone; how a process is asked is shown by CommandsIT. */
final class ExplainCommandTest {
    private static final CheckCommand.Sources FILES = name -> new FileSource(Path.of(name), Map.of());

    @TempDir
    Path directory;

    private Path file;

    @BeforeEach
    void writeConfiguration() throws IOException {
        file = Files.writeString(directory.resolve("weir.yaml"), """
                listeners:
                  web: {address: "127.0.0.1:8080"}
                routes:
                  - {name: keyed, path: /, headers: {x-api-key: s3cret}, service: hello}
                  - {name: encrypted, path: /secret, headers: {x-forwarded-proto: https, x-a: "1"}, service: hello}
                  - {name: old, host: old.example.com, redirect: {to: "https://example.com{path}", status: 301}}
                  - {name: hello, path: /hello, service: hello, rewrite: {strip-prefix: /hello}}
                services:
                  hello:
                    backends: [{address: 127.0.0.1:9001, weight: 2}, {address: 127.0.0.1:9002, weight: 0}]
                """);
    }

    @Test
    void printsTheWalkTheServiceAndItsBackends() {
        CommandRun run = explain("GET", "http://example.com/hello/Ada?x=1");
        assertEquals(0, run.exit(), run.err());
        assertEquals("""
                GET http://example.com/hello/Ada?x=1

                routes, in order
                  ROUTE  WHERE  WHY
                  keyed  weir.yaml:4:5  header x-api-key is not the one asked for
                  encrypted  weir.yaml:5:5  path does not begin with /secret
                  old  weir.yaml:6:5  host is not old.example.com
                  ->  hello  weir.yaml:7:5  every condition holds

                service hello, asked for /Ada?x=1
                  BACKEND  WEIGHT  STATE  PICKED  WHY
                  127.0.0.1:9001  2  configured  yes  its state is known only to a running process (--admin)
                  127.0.0.1:9002  0  weight-0  no  its weight is 0
                """, run.out().replace(directory + "/", "").replaceAll(" {2,}", "  "));
    }

    @Test
    void secretsThatARouteAsksForAreNotShown() {
        CommandRun run = explain("GET", "/x", "-H", "x-api-key: guess");
        assertTrue(run.out().contains("header x-api-key is not the one asked for"), run.out());
        assertFalse(run.out().contains("s3cret"));
        assertEquals(0, explain("GET", "/x", "-H", "X-Api-Key: s3cret").exit());
    }

    @Test
    void takesFieldsAsTheBackendWouldSeeThem() {
        assertEquals(0, explain("GET", "https://h/secret", "-H", "x-a: 1").exit());
        assertEquals(
                1,
                explain("GET", "http://h/secret", "-H", "x-a: 1", "-H", "x-forwarded-proto: https")
                        .exit());
        assertEquals(
                1,
                explain("GET", "https://h/secret", "-H", "x-a: 1", "-H", "Connection: close, X-A")
                        .exit());
    }

    @Test
    void saysWhatARouteAnswersByItself() {
        CommandRun run = explain("GET", "/x", "-H", "host: old.example.com");
        assertEquals(0, run.exit());
        assertTrue(run.out().contains("Answered by the route itself: redirect 301 to https://example.com{path}"));
    }

    @Test
    void exitsWithOneWhenNoRouteTakesTheRequest() {
        CommandRun run = explain("GET", "http://example.com/other");
        assertEquals(1, run.exit());
        assertTrue(run.out().endsWith("No route takes it: answered 404.\n"));
        assertTrue(run.out().contains("path does not begin with /hello"));
    }

    @Test
    void jsonIsWhatTheAdminApiAnswers() {
        CommandRun run = explain("--json", "GET", "/hello");
        assertTrue(run.out().contains("\"route\": \"hello\""), run.out());
        assertTrue(run.out().contains("\"forwarded-target\": \"/\""), run.out());
    }

    @Test
    void badRequestsAreUsageErrors() {
        assertEquals(2, explain("GET", "example.com").exit());
        assertEquals(2, explain("G T", "/").exit());
        assertEquals(2, explain("GET", "/", "-H", "novalue").exit());
        assertEquals(2, explain("GET", "/../x").exit());
        assertEquals(2, explain("GET").exit());
        assertEquals(2, explain("GET", "/", "--admin", "http://127.0.0.1:1").exit());
        assertEquals(
                2,
                CommandRun.of(new ExplainCommand(FILES), "GET", "/", "--admin", "127.0.0.1:9900")
                        .exit());
    }

    @Test
    void badConfigurationsAreSaidWithEveryProblem() throws IOException {
        Files.writeString(file, "rutes: []\nservces: {}\n");
        CommandRun run = explain("GET", "/");
        assertEquals(2, run.exit());
        assertTrue(run.err().contains("weir.yaml:1:1: ") && run.err().contains("weir.yaml:2:1: "), run.err());
    }

    @Test
    void aFileThatIsNotThereIsOneLine() {
        CommandRun run = CommandRun.of(
                new ExplainCommand(FILES),
                "--config",
                directory.resolve("none.yaml").toString(),
                "GET",
                "/");
        assertEquals(1, run.exit());
        assertEquals(directory.resolve("none.yaml") + ": no such file\n", run.err());
    }

    @Test
    void readsWhateverTheNameSays() throws IOException {
        Files.writeString(file, "listeners: {web: \":8080\"}\nroutes: [{path: /kept, respond: {status: 204}}]\n");
        ExplainCommand command = new ExplainCommand(name -> {
            assertEquals("consul:weir/config", name);
            return new FileSource(file, Map.of());
        });
        CommandRun run = CommandRun.of(command, "--config", "consul:weir/config", "GET", "/kept/x");
        assertEquals(0, run.exit(), run.err());
        assertTrue(run.out().contains("204"), run.out());
    }

    private CommandRun explain(String... arguments) {
        String[] all = new String[arguments.length + 2];
        all[0] = "--config";
        all[1] = file.toString();
        System.arraycopy(arguments, 0, all, 2, arguments.length);
        return CommandRun.of(new ExplainCommand(FILES), all);
    }
}
