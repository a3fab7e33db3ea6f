package weir.it;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import weir.testing.Await;
import weir.testing.RawClient;
import weir.testing.ScriptedBackend;
import weir.testing.WeirLaunch;
import weir.testing.WeirProcess;

/** The byte budget of the loops: what many slow readers hold is shed, and others are served. */
@Timeout(120)
final class MemoryStagesIT {
    private static double metric(WeirProcess weir, String name) throws IOException, InterruptedException {
        return weir.admin("GET", "/metrics")
                .body()
                .lines()
                .filter(line -> line.startsWith(name + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
                .sum();
    }

    private static int status(WeirProcess weir) throws InterruptedException {
        try {
            return RawClient.exchange(weir.port(), "GET /fixed HTTP/1.1\r\nHost: h\r\n\r\n")
                    .status();
        } catch (IOException e) {
            return 0; // refused at the last stage, which so small a budget reaches for a moment
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"io_uring", "epoll", "nio"})
    void resetsThoseThatHoldMostAndServesTheOthers(String transport) throws Exception {
        String body = "b".repeat(8_000_000);
        List<Socket> readers = new ArrayList<>();
        try (ScriptedBackend backend = ScriptedBackend.start(connection -> {
                    connection.readHead();
                    connection.send("HTTP/1.1 200 OK\r\nContent-Length: " + body.length() + "\r\n\r\n" + body);
                });
                WeirProcess weir = new WeirLaunch("""
                        services: {app: {backends: ["%s"]}}
                        routes: [{path: /fixed, respond: {status: 200, body: hi}}, {service: app}]
                        limits: {memory: 2MiB}
                        """.formatted(backend.address()))
                        .withoutTraces()
                        .flags("-Dweir.transport=" + transport)
                        .start()) {
            try {
                for (int i = 0; i < 80; i++) {
                    Socket reader = new Socket();
                    reader.setReceiveBufferSize(4096);
                    reader.connect(new InetSocketAddress("127.0.0.1", weir.port()), 5_000);
                    reader.getOutputStream()
                            .write("GET / HTTP/1.1\r\nHost: h\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                    readers.add(reader);
                }
                Await.until(
                        () -> metric(weir, "weir_memory_actions_total{stage=\"85\"}") > 0,
                        Duration.ofSeconds(60),
                        weir::stderrText);
                weir.awaitLog(line -> line.get("why").getAsString().equals("memory"));
                for (int i = 0; i < 10; i++) {
                    Await.until(() -> status(weir) == 200, weir::stderrText);
                }
            } finally {
                for (Socket reader : readers) {
                    reader.close();
                }
            }
            Await.until(() -> metric(weir, "weir_memory_held_bytes") < 300_000, weir::stderrText);
        }
    }
}
