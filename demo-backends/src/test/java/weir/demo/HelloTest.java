package weir.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class HelloTest {
    private static final List<String> LOG = new CopyOnWriteArrayList<>();
    private static DemoBackend backend;

    @BeforeAll
    static void start() throws Exception {
        backend = DemoBackend.start(Options.parse(List.of("hello", "--port", "0", "--name", "h1")), LOG::add);
    }

    @AfterAll
    static void stop() {
        backend.close();
    }

    @ParameterizedTest
    @CsvSource({
        "/Ada, 'Hello, Ada!'",
        "/, 'Hello, world!'",
        "/a/b, 'Hello, a/b!'",
        "/Gr%C3%A4fin%20Ada, 'Hello, Gräfin Ada!'",
        "/%0d%0aset-cookie:x, 'Hello, \uFFFD\uFFFDset-cookie:x!'",
        "/%ff, 'Hello, \uFFFD!'",
        "/Ada?health=1, 'Hello, Ada!'",
        "/slow?ms=0, Slept for 0 ms.",
        "/health, ok",
    })
    void answers(String path, String expected) throws Exception {
        HttpResponse<String> response = Client.get(backend.port(), path);
        assertEquals(expected, response.body());
        assertEquals(200, response.statusCode());
        assertEquals("h1", response.headers().firstValue("x-backend").orElse(""));
        assertEquals(
                "text/plain; charset=utf-8",
                response.headers().firstValue("content-type").orElse(""));
    }

    @Test
    void failsOnPurpose() throws Exception {
        assertEquals(500, Client.get(backend.port(), "/error").statusCode());
    }

    @Test
    void delays() throws Exception {
        long start = System.nanoTime();
        assertEquals(200, Client.get(backend.port(), "/slow?ms=200").statusCode());
        assertTrue(System.nanoTime() - start >= 200_000_000L);
    }

    @ParameterizedTest
    @CsvSource({"-1", "x", "60001", "99999999999", "''"})
    void refusesDelaysItCannotKeep(String millis) throws Exception {
        assertEquals(400, Client.get(backend.port(), "/slow?ms=" + millis).statusCode());
    }

    @Test
    void answersHeadWithTheLengthOfGet() throws Exception {
        HttpRequest.Builder head = HttpRequest.newBuilder().method("HEAD", HttpRequest.BodyPublishers.noBody());
        HttpResponse<String> response = Client.send(backend.port(), "/Ada", head);
        assertEquals("11", response.headers().firstValue("content-length").orElse(""));
        assertEquals("", response.body());
    }

    @Test
    void logsEveryRequestInOneLine() throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder().GET().header("x-request-id", "id-7");
        Client.send(backend.port(), "/Ada%0a?x=1", request);
        String line = waitForLine("id-7");
        assertTrue(line.matches("\\S+Z h1 GET /Ada%0a\\?x=1 200 \\d+ms id-7"), line);
    }

    @Test
    void keepsTheConnectionAlive() throws Exception {
        try (Socket socket = new Socket("127.0.0.1", backend.port())) {
            BufferedReader in =
                    new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
            for (int i = 0; i < 3; i++) {
                String body = "x".repeat(100_000);
                socket.getOutputStream()
                        .write(("POST /n" + i + " HTTP/1.1\r\nhost: h\r\ncontent-length: " + body.length() + "\r\n\r\n"
                                        + body)
                                .getBytes(StandardCharsets.UTF_8));
                assertEquals("HTTP/1.1 200 OK", in.readLine());
                while (!in.readLine().isEmpty()) {
                    // The rest of the head.
                }
                char[] answer = new char["Hello, n0!".length()];
                assertEquals(answer.length, in.read(answer));
                assertEquals("Hello, n" + i + "!", new String(answer));
            }
        }
    }

    private String waitForLine(String part) throws InterruptedException {
        for (int i = 0; i < 500; i++) {
            for (String line : LOG) {
                if (line.contains(part)) {
                    return line;
                }
            }
            Thread.sleep(10);
        }
        throw new AssertionError("no line with " + part + " in " + LOG);
    }
}
