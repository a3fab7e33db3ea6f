package weir.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import weir.testing.RawClient;
import weir.testing.ScriptedBackend;
import weir.testing.WeirLaunch;
import weir.testing.WeirProcess;

/** Bodies far larger than the memory, and readers that take their time. */
@Timeout(120)
final class StreamingIT {
    private static final long SIZE = 200L << 20;

    /** What sockets and buffers on the way may hold; loopback sockets grow to several MiB. */
    private static final long MOST_ON_THE_WAY = 40L << 20;

    private static WeirProcess start(ScriptedBackend backend, int threads) throws IOException, InterruptedException {
        return new WeirLaunch("""
                routes: [{path: /, service: app}]
                services: {app: {backends: [%s], timeouts: {idle: 60s}}}
                """.formatted(backend.address()))
                .threads(threads)
                .flags("-Xmx48m", "-XX:MaxDirectMemorySize=48m")
                .start();
    }

    private static void write(OutputStream out, AtomicLong written) throws IOException {
        byte[] block = new byte[1 << 16];
        for (int i = 0; i < block.length; i++) {
            block[i] = (byte) i;
        }
        while (written.get() < SIZE) {
            out.write(block);
            written.addAndGet(block.length);
        }
        out.flush();
    }

    /** Reads so many bytes of the known pattern. */
    private static void read(InputStream in) throws IOException {
        byte[] block = new byte[1 << 16];
        long read = 0;
        while (read < SIZE) {
            int n = in.read(block, 0, (int) Math.min(block.length, SIZE - read));
            if (n < 0) {
                throw new IOException("ended after " + read);
            }
            for (int i = 0; i < n; i += 997) {
                assertEquals((byte) (read + i), block[i]);
            }
            read += n;
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void streamsADownloadToASlowReader(int threads) throws Exception {
        AtomicLong written = new AtomicLong();
        try (ScriptedBackend backend = ScriptedBackend.start(connection -> {
                    connection.readRequest();
                    connection.send("HTTP/1.1 200 OK\r\nContent-Length: " + SIZE + "\r\n\r\n");
                    write(connection.output(), written);
                    connection.readToEnd();
                });
                WeirProcess weir = start(backend, threads);
                RawClient client = RawClient.connect(weir.port())) {
            client.send("GET /down HTTP/1.1\r\nHost: a.test\r\n\r\n");
            client.readHead();
            Thread.sleep(1_000);
            assertTrue(written.get() < MOST_ON_THE_WAY, () -> written + " bytes wait somewhere");
            read(client.input());
            assertEquals(SIZE, weir.awaitLog("/down").get("bytes_out").getAsLong());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void streamsAnUploadToASlowReader(int threads) throws Exception {
        AtomicLong written = new AtomicLong();
        AtomicReference<Long> writtenBefore = new AtomicReference<>(-1L);
        try (ScriptedBackend backend = ScriptedBackend.start(connection -> {
                    connection.readHead();
                    Thread.sleep(1_000);
                    writtenBefore.set(written.get());
                    read(connection.input());
                    connection.send(ScriptedBackend.ok("all"));
                    connection.readToEnd();
                });
                WeirProcess weir = start(backend, threads);
                RawClient client = RawClient.connect(weir.port())) {
            client.send("PUT /up HTTP/1.1\r\nHost: a.test\r\nContent-Length: " + SIZE + "\r\n\r\n");
            write(client.output(), written);
            assertEquals("all", client.read().body());
            assertTrue(writtenBefore.get() < MOST_ON_THE_WAY, () -> writtenBefore + " bytes waited somewhere");
            assertEquals(SIZE, weir.awaitLog("/up").get("bytes_in").getAsLong());
        }
    }

    @Test
    void streamsBothWaysAtOnce() throws Exception {
        try (ScriptedBackend backend = ScriptedBackend.start(connection -> {
                    connection.readHead();
                    connection.send("HTTP/1.1 200 OK\r\nContent-Length: " + SIZE + "\r\n\r\n");
                    byte[] block = new byte[1 << 16];
                    for (long left = SIZE; left > 0; ) {
                        int n = connection.input().read(block, 0, (int) Math.min(block.length, left));
                        connection.output().write(block, 0, n);
                        left -= n;
                    }
                    connection.readToEnd();
                });
                WeirProcess weir = start(backend, 2);
                RawClient client = RawClient.connect(weir.port())) {
            client.send("POST /echo HTTP/1.1\r\nHost: a.test\r\nContent-Length: " + SIZE + "\r\n\r\n");
            AtomicReference<Exception> failure = new AtomicReference<>();
            Thread writer = new Thread(() -> {
                try {
                    write(client.output(), new AtomicLong());
                } catch (IOException e) {
                    failure.set(e);
                }
            });
            writer.start();
            client.readHead();
            read(client.input());
            writer.join();
            assertEquals(null, failure.get());
            assertEquals("", weir.awaitLog("/echo").get("why").getAsString());
        }
    }
}
