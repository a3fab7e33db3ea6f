package weir.health;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import weir.config.ServiceConfig;
import weir.config.ServiceConfig.HealthCheck;
import weir.connection.Destination;
import weir.service.Endpoint;
import weir.testing.ServiceFixture;
import weir.tls.BackendContexts;
import weir.tls.TlsProvider;

final class SocketProbeIT {
    private static final String PASSED = "passed";

    private final MultiThreadIoEventLoopGroup group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final SocketProbe probe =
            new SocketProbe((EventLoop) group.next(), new BackendContexts(() -> TlsProvider.JDK));
    private final ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final BlockingQueue<String> requests = new LinkedBlockingQueue<>();
    private final BlockingQueue<String> results = new LinkedBlockingQueue<>();
    private final BlockingQueue<Integer> ends = new LinkedBlockingQueue<>();

    SocketProbeIT() throws IOException {}

    @AfterEach
    void close() throws IOException {
        server.close();
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    }

    @Test
    void passesOnAStatusInTheRangeAndClosesTheConnection() throws Exception {
        answer("HTTP/1.1 204 No Content\r\n\r\n");
        assertEquals(PASSED, check(http("/health?deep=1", null)));
        String request = requests.poll(5, TimeUnit.SECONDS);
        assertTrue(request.startsWith("GET /health?deep=1 HTTP/1.1\r\n"), request);
        String lower = request.toLowerCase(java.util.Locale.ROOT);
        assertTrue(lower.contains("\r\nhost: hello.test\r\n"), request);
        assertTrue(lower.contains("\r\nuser-agent: weir-healthcheck\r\n"), request);
        assertEquals(-1, ends.poll(5, TimeUnit.SECONDS));
    }

    @Test
    void failsOnAStatusOutsideTheRange() throws Exception {
        answer("HTTP/1.1 503 Busy\r\ncontent-length: 0\r\n\r\n");
        assertEquals("status 503 (expected 200-399)", check(http("/", null)));
    }

    @Test
    void findsTheTextOfTheBodyAcrossPieces() throws Exception {
        answer("HTTP/1.1 200 OK\r\ncontent-length: 11\r\n\r\nstat", "us: o", "k!");
        assertEquals(PASSED, check(http("/", "status: ok")));
    }

    @Test
    void failsWithoutTheTextInTheBody() throws Exception {
        answer("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nbad\r\n0\r\n\r\n");
        assertEquals("body does not contain \"ok\"", check(http("/", "ok")));
    }

    @Test
    void failsWithoutABodyToSearch() throws Exception {
        answer("HTTP/1.1 204 No Content\r\n\r\n");
        assertEquals("body does not contain \"ok\"", check(http("/", "ok")));
    }

    @Test
    void looksOnlyAtTheFirst64KiBOfTheBody() throws Exception {
        String filler = "x".repeat(64 * 1024 - 1);
        answer("HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n" + filler, "ok");
        assertEquals("body does not contain \"ok\"", check(http("/", "ok")));
    }

    @Test
    void failsOnWhatIsNoHttp() throws Exception {
        answer("SSH-2.0-OpenSSH_9.2\r\n\r\n");
        assertEquals("invalid response", check(http("/", null)));
    }

    @Test
    void failsWhenTheConnectionIsClosedWithoutAnAnswer() throws Exception {
        answer("");
        assertEquals("connection closed before the response was complete", check(http("/", null)));
    }

    @Test
    void failsWhenNobodyListens() throws Exception {
        server.close();
        assertEquals("connection refused", check(http("/", null)));
        assertEquals("connection refused", check(tcp()));
    }

    @Test
    void failsWhenTheAnswerDoesNotComeInTime() throws Exception {
        assertEquals("timeout after 1s", check(http("/", null)));
    }

    @Test
    void passesATcpCheckWhenTheConnectionOpens() throws Exception {
        assertEquals(PASSED, check(tcp()));
    }

    @Test
    void tellsNothingAfterItWasCancelled() throws Exception {
        BlockingQueue<Probe.Running> started = new LinkedBlockingQueue<>();
        group.next().execute(() -> started.add(start(http("/", null))));
        try (Socket socket = server.accept()) {
            Probe.Running running = started.poll(5, TimeUnit.SECONDS);
            group.next().execute(running::cancel);
            readToEnd(socket.getInputStream());
            // The check's end and its close are in one task: when the close is seen here nothing more is to come.
            assertNull(results.peek());
        }
    }

    private Probe.Running start(HealthCheck settings) {
        InetSocketAddress address = (InetSocketAddress) server.getLocalSocketAddress();
        Endpoint endpoint = ServiceFixture.endpoint(address.getPort(), 1);
        Destination to = new Destination(ServiceFixture.config(ServiceConfig.Balance.ROUND_ROBIN), endpoint);
        return probe.start(address, "hello.test", to, settings, new Probe.Result() {
            @Override
            public void passed() {
                results.add(PASSED);
            }

            @Override
            public void failed(String why) {
                results.add(why);
            }
        });
    }

    private String check(HealthCheck settings) throws InterruptedException {
        group.next().execute(() -> start(settings));
        return results.poll(10, TimeUnit.SECONDS);
    }

    /** Answers the next connection piece by piece; an empty answer closes it. */
    private void answer(String... pieces) {
        Thread thread = new Thread(() -> {
            try (Socket socket = server.accept()) {
                socket.setTcpNoDelay(true);
                requests.add(readHead(socket.getInputStream()));
                for (String piece : pieces) {
                    socket.getOutputStream().write(piece.getBytes(StandardCharsets.ISO_8859_1));
                    socket.getOutputStream().flush();
                }
                if (!pieces[0].isEmpty()) {
                    ends.add(readToEnd(socket.getInputStream()));
                }
            } catch (IOException e) {
                ends.add(-1);
            }
        });
        thread.setDaemon(true);
        thread.start();
    }

    private static String readHead(InputStream in) throws IOException {
        StringBuilder head = new StringBuilder();
        for (int b = in.read(); b >= 0; b = in.read()) {
            head.append((char) b);
            if (head.toString().endsWith("\r\n\r\n")) {
                break;
            }
        }
        return head.toString();
    }

    private static int readToEnd(InputStream in) throws IOException {
        int b = in.read();
        while (b >= 0) {
            b = in.read();
        }
        return b;
    }

    private static HealthCheck http(String path, @Nullable String body) {
        return new HealthCheck(
                HealthCheck.Type.HTTP,
                path,
                null,
                0,
                200,
                399,
                body,
                Duration.ofSeconds(2),
                Duration.ofSeconds(1),
                2,
                3);
    }

    private static HealthCheck tcp() {
        return new HealthCheck(
                HealthCheck.Type.TCP, "/", null, 0, 200, 399, null, Duration.ofSeconds(2), Duration.ofSeconds(1), 2, 3);
    }
}
