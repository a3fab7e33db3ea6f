package weir.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.netty.channel.uring.IoUring;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import weir.testing.Await;
import weir.testing.RawClient;
import weir.testing.RawResponse;
import weir.testing.ScriptedBackend;
import weir.testing.WeirLaunch;
import weir.testing.WeirProcess;

/** Memory that runs out costs the connections it was for, and nobody else. */
@Timeout(120)
final class MemoryIT {
    private static final int READERS = 600;

    /** On io_uring, where such an error would end the loop. The budget is out of the way, which prevents it. */
    @Test
    void anAllocationThatFailsCostsItsConnection() throws Exception {
        assumeTrue(IoUring.isAvailable(), "this kernel forbids io_uring");
        String body = "b".repeat(1_000_000);
        List<Socket> readers = new ArrayList<>();
        try (ScriptedBackend backend = ScriptedBackend.start(connection -> {
                    connection.readHead();
                    connection.send("HTTP/1.1 200 OK\r\nContent-Length: " + body.length() + "\r\n\r\n" + body);
                });
                WeirProcess weir = new WeirLaunch("""
                        limits: {memory: 1GiB}
                        services: {app: {backends: ["%s"]}}
                        routes: [{path: /fixed, respond: {status: 200, body: hi}}, {service: app}]
                        """.formatted(backend.address()))
                        .withoutTraces()
                        .flags("-Dweir.transport=io_uring", "-Dio.netty.maxDirectMemory=8388608")
                        .start()
                        .expectingTraces()) {
            for (int i = 0; i < READERS; i++) {
                Socket reader = new Socket();
                reader.setReceiveBufferSize(4096);
                reader.connect(new InetSocketAddress("127.0.0.1", weir.port()), 5_000);
                reader.getOutputStream().write("GET / HTTP/1.1\r\nHost: h\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                readers.add(reader);
            }
            weir.awaitStderr("closed for lack of memory");
            for (Socket reader : readers) {
                reader.close();
            }
            for (int i = 0; i < 20; i++) {
                Await.until(() -> status(weir) == 200, weir::stderrText);
            }
            assertEquals(200, weir.admin("GET", "/healthz").statusCode());
            assertTrue(!weir.stderrText().contains("has ended by itself"), weir.stderrText());
        }
    }

    private static int status(WeirProcess weir) throws InterruptedException {
        try {
            RawResponse response = RawClient.exchange(weir.port(), "GET /fixed HTTP/1.1\r\nHost: h\r\n\r\n");
            return response.status();
        } catch (java.io.IOException e) {
            return 0;
        }
    }
}
