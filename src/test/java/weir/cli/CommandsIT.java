package weir.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonParser;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import weir.admin.AdminFixture;
import weir.admin.AdminServer;
import weir.admin.FakeServices;
import weir.admin.RouteWalk;
import weir.config.FileSource;
import weir.service.Reason;
import weir.testing.FreePort;

/** The commands that ask a running process, against its admin API. */
final class CommandsIT {
    private final AdminFixture admin = new AdminFixture();
    private AdminServer server;

    @TempDir
    Path directory;

    @BeforeEach
    void start() throws IOException {
        server = admin.start(null);
        admin.services.replace(
                "hello",
                FakeServices.backend("127.0.0.1:9001", 2),
                FakeServices.backend(
                        "[::1]:9002",
                        1,
                        FakeServices.reason(
                                Reason.EJECTED, Instant.parse("2026-01-02T03:05:00Z"), "5 errors in a row\033[31m")));
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void servicesAreATable() {
        CommandRun run = CommandRun.of(new ServicesCommand(Map.of()), "--admin", url());
        assertEquals("", run.err());
        assertEquals(0, run.exit());
        assertEquals("""
                SERVICE BACKEND STATE WEIGHT IN-FLIGHT CONNECTIONS REQUESTS ERRORS LATENCY WHY
                hello 127.0.0.1:9001 available 2 3 4 100 5 1.3 ms
                hello [::1]:9002 ejected 1 3 4 100 5 1.3 ms ejected: 5 errors in a row?[31m
                a/b ü - no backends
                a/b ü: no backend is available, so the ejected ones are picked
                """, run.out().replaceAll(" {2,}", " "));
    }

    @Test
    void servicesAsJsonAreWhatTheAdminApiAnswers() {
        CommandRun run = CommandRun.of(new ServicesCommand(Map.of()), "--json", "--admin", url() + "/");
        assertEquals(
                2,
                JsonParser.parseString(run.out())
                        .getAsJsonObject()
                        .getAsJsonArray("services")
                        .size());
    }

    @Test
    void explainShowsTheWalkAndTheLiveBackends() {
        admin.walk = new RouteWalk(
                List.of(
                        new RouteWalk.Step("sum", "config.yaml:3:5", false, "path is not /sum"),
                        new RouteWalk.Step("hello", "config.yaml:4:5", true, "every condition holds")),
                "hello",
                "hello",
                null,
                "/Ada?x=a b");
        CommandRun run = CommandRun.of(
                new ExplainCommand(name -> new FileSource(Path.of(name), Map.of()), Map.of()),
                "--admin",
                url(),
                "GET",
                "http://example.com/hello/Ada?x=1&y=%20",
                "-H",
                "a: b & c=d");
        assertEquals("", run.err());
        assertEquals(0, run.exit());
        assertEquals("""
                GET http://example.com/hello/Ada?x=1&y=%20

                routes, in order
                 ROUTE WHERE WHY
                 sum config.yaml:3:5 path is not /sum
                 -> hello config.yaml:4:5 every condition holds

                service hello, asked for /Ada?x=a b
                 BACKEND WEIGHT STATE PICKED WHY
                 127.0.0.1:9001 2 available yes no reason stands against it
                 [::1]:9002 1 ejected no ejected since 2026-01-02T03:04:05Z until 2026-01-02T03:05:00Z: 5 errors in a row?[31m
                """, run.out().replaceAll(" {2,}", " "));
        assertEquals("b & c=d", admin.explained.get(0).fields().get(0).value());
    }

    @Test
    void explainExitsWithOneWhenNoRouteTakesTheRequest() {
        CommandRun run = CommandRun.of(
                new ExplainCommand(name -> new FileSource(Path.of(name), Map.of()), Map.of()),
                "--admin",
                url(),
                "GET",
                "/x");
        assertEquals(1, run.exit());
        assertTrue(run.out().contains("No route takes it: answered 404."), run.out());
    }

    @Test
    void aProcessThatDoesNotRunIsOneLine() throws IOException {
        int port = FreePort.take();
        String nobody = "http://127.0.0.1:" + port;
        for (CommandRun run : List.of(
                CommandRun.of(new ServicesCommand(Map.of()), "--admin", nobody),
                CommandRun.of(
                        new ExplainCommand(name -> new FileSource(Path.of(name), Map.of()), Map.of()),
                        "--admin",
                        nobody,
                        "GET",
                        "/x"))) {
            assertEquals(1, run.exit());
            assertEquals("", run.out());
            assertEquals(
                    "cannot connect to " + nobody + ": is Weir running, and is admin.address that of --admin?\n",
                    run.err());
        }
    }

    @Test
    void theTokenIsShownFromTheOptionOrTheVariable() throws IOException {
        Path token = Files.writeString(directory.resolve("token"), "s3cret\n");
        try (SeenAuthorization seen = new SeenAuthorization()) {
            CommandRun.of(new ServicesCommand(Map.of()), "--admin", seen.url());
            assertEquals("null", seen.last);
            CommandRun.of(
                    new ServicesCommand(Map.of("WEIR_ADMIN_TOKEN_FILE", token.toString())), "--admin", seen.url());
            assertEquals("Bearer s3cret", seen.last);
            Files.writeString(directory.resolve("other"), "0ther");
            CommandRun run = CommandRun.of(
                    new ServicesCommand(Map.of("WEIR_ADMIN_TOKEN_FILE", token.toString())),
                    "--token-file",
                    directory.resolve("other").toString(),
                    "--admin",
                    seen.url());
            assertEquals("Bearer 0ther", seen.last);
            assertEquals(1, run.exit());
            assertEquals("the answer is not that of Weir's admin API of this version\n", run.err());
        }
    }

    @Test
    void aTokenFileThatIsNotThereIsOneLine() {
        CommandRun run =
                CommandRun.of(new ServicesCommand(Map.of()), "--admin", url(), "--token-file", "no-such-token");
        assertEquals(1, run.exit());
        assertEquals("token file no-such-token: no such file\n", run.err());
    }

    @Test
    void whatTheAdminApiRefusesIsOneLine() {
        String localhost = "http://127.0.0.1:" + server.address().getPort() + "/nothing";
        CommandRun run = CommandRun.of(new ServicesCommand(Map.of()), "--admin", localhost);
        assertEquals(1, run.exit());
        assertTrue(run.err().contains("answered 404: no such path"), run.err());
        assertEquals(1, run.err().lines().count());
    }

    @Test
    void aUrlThatIsNoneIsAUsageError() {
        for (String bad : List.of("127.0.0.1:9900", "ftp://x", "http://", "http://a b", "http://x/?y")) {
            CommandRun run = CommandRun.of(new ServicesCommand(Map.of()), "--admin", bad);
            assertEquals(2, run.exit(), bad);
            assertFalse(run.err().contains("\tat "), run.err());
        }
    }

    private String url() {
        return "http://127.0.0.1:" + server.address().getPort();
    }

    /** A server that is not Weir, and remembers the Authorization field. */
    private static final class SeenAuthorization implements AutoCloseable {
        private final HttpServer server;
        private volatile String last = "";

        SeenAuthorization() throws IOException {
            server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
            server.createContext("/", exchange -> {
                last = String.valueOf(exchange.getRequestHeaders().getFirst("authorization"));
                byte[] body = "{\"hello\": 1}".getBytes(StandardCharsets.US_ASCII);
                exchange.sendResponseHeaders(200, body.length);
                exchange.getResponseBody().write(body);
                exchange.close();
            });
            server.start();
        }

        String url() {
            return "http://127.0.0.1:" + server.getAddress().getPort();
        }

        @Override
        public void close() {
            server.stop(0);
        }
    }
}
