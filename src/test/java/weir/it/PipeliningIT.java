package weir.it;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import weir.testing.Await;
import weir.testing.ScriptedBackend;
import weir.testing.WeirLaunch;
import weir.testing.WeirProcess;

/** A client that sends requests ahead and reads nothing: no more are read than its answers have room. */
@Timeout(120)
final class PipeliningIT {
    private static final int REQUESTS = 20_000;
    private static final int BODY = 60_000;

    private static String request(int i) {
        return "GET /%s HTTP/1.1\r\nHost: h\r\nX-Number: %05d\r\n\r\n".formatted(i % 2 == 0 ? "fixed" : "app", i);
    }

    private static double metric(WeirProcess weir, String prefix) throws IOException, InterruptedException {
        return weir.admin("GET", "/metrics")
                .body()
                .lines()
                .filter(line -> line.startsWith(prefix))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }

    @ParameterizedTest
    @CsvSource({"io_uring, app", "io_uring, fixed", "epoll, app", "nio, fixed"})
    void holdsOneResponseBeyondTheHighWaterMark(String transport, String path) throws Exception {
        String body = "b".repeat(BODY);
        try (ScriptedBackend backend = ScriptedBackend.start(connection -> {
                    while (true) {
                        connection.readHead();
                        connection.send("HTTP/1.1 200 OK\r\nContent-Length: " + BODY + "\r\n\r\n" + body);
                    }
                });
                WeirProcess weir = new WeirLaunch("""
                        services: {app: {backends: ["%s"]}}
                        routes:
                          - {path: /fixed, respond: {status: 200, body: "%s"}}
                          - {service: app}
                        """.formatted(backend.address(), "f".repeat(1000)))
                        .withoutTraces()
                        .flags("-Dweir.transport=" + transport)
                        .start();
                Socket client = new Socket()) {
            client.setReceiveBufferSize(4096);
            client.connect(new InetSocketAddress("127.0.0.1", weir.port()));
            int odd = path.equals("fixed") ? 0 : 1;
            Thread sender = new Thread(() -> {
                try {
                    OutputStream out = client.getOutputStream();
                    for (int i = 0; i < REQUESTS; i++) {
                        out.write(request(2 * i + odd).getBytes(StandardCharsets.US_ASCII));
                    }
                } catch (IOException e) {
                    // closed by the test
                }
            });
            sender.setDaemon(true); // it ends with the connection
            sender.start();
            Await.until(() -> metric(weir, "weir_requests_total") >= 1, weir::stderrText);
            // The kernel's buffers take some megabytes: what matters is that it ends.
            double[] read = {-1};
            Await.until(
                    () -> {
                        Thread.sleep(700);
                        double before = read[0];
                        read[0] = metric(weir, "weir_requests_total");
                        return read[0] == before;
                    },
                    weir::stderrText);
            assertTrue(metric(weir, "weir_direct_memory_bytes") < 32 << 20);
            assertTrue(read[0] < REQUESTS, "all were read");
            long wanted = 200;
            byte[] buffer = new byte[1 << 16];
            long got = 0;
            while (got < wanted * (path.equals("fixed") ? 1000 : BODY)) {
                got += client.getInputStream().read(buffer);
            }
        }
    }
}
