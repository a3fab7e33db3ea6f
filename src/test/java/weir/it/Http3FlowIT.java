package weir.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.channel.ChannelFuture;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import weir.testing.Await;
import weir.testing.BackendSocket;
import weir.testing.Http3Client;
import weir.testing.Http3ClientRequest;
import weir.testing.Http3Site;
import weir.testing.ScriptedBackend;
import weir.testing.WeirLaunch;
import weir.testing.WeirProcess;

/** Bodies larger than the memory over HTTP/3, and readers that take their time: a stream that stalls costs its window. */
@Timeout(180)
final class Http3FlowIT {
    private static final int BLOCK = 1 << 16;
    private static final long SIZE = 64L << 20;

    /** What sockets and buffers on the way may hold; loopback sockets grow to several MiB. */
    private static final long MOST_ON_THE_WAY = 24L << 20;

    private static final Duration MANY_PACKETS = Duration.ofSeconds(90);

    @TempDir
    private Path files;

    private Http3Site site;

    @BeforeEach
    void makeCertificates() throws Exception {
        site = new Http3Site(files);
    }

    private WeirProcess start(ScriptedBackend backend, int threads) throws Exception {
        return new WeirLaunch(site.yaml(backend))
                .threads(threads)
                .flags("-Xmx40m", "-XX:MaxDirectMemorySize=40m")
                .withoutTraces()
                .start();
    }

    private static String[] request(String method, String path) {
        return new String[] {":method: " + method, ":scheme: https", ":authority: a.test", ":path: " + path};
    }

    private static void write(BackendSocket connection, AtomicLong written) throws java.io.IOException {
        connection.send("HTTP/1.1 200 OK\r\nContent-Length: " + SIZE + "\r\n\r\n");
        byte[] block = new byte[BLOCK];
        for (long left = SIZE; left > 0; left -= BLOCK) {
            connection.output().write(block);
            written.addAndGet(BLOCK);
        }
    }

    private static long held(WeirProcess weir) throws java.io.IOException, InterruptedException {
        return weir.admin("GET", "/metrics")
                .body()
                .lines()
                .filter(line -> line.startsWith("weir_memory_held_bytes "))
                .mapToLong(line -> (long) Double.parseDouble(line.substring(line.indexOf(' '))))
                .sum();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void streamsADownloadToASlowReader(int threads) throws Exception {
        AtomicLong written = new AtomicLong();
        try (ScriptedBackend backend = ScriptedBackend.start(connection -> {
                    connection.readRequest();
                    write(connection, written);
                    connection.readToEnd();
                });
                WeirProcess weir = start(backend, threads);
                Http3Client client = site.connect(weir)) {
            Http3ClientRequest slow = client.open().counting().reads(false).head(true, request("GET", "/down"));
            Thread.sleep(1_000);
            assertTrue(written.get() < MOST_ON_THE_WAY, () -> written + " bytes wait somewhere");
            assertEquals(204, client.get("a.test", "/alive").status(), "another stream goes on");
            slow.reads(true).awaitEnd(MANY_PACKETS);
            assertEquals(SIZE, slow.received(), slow::toString);
            assertTrue(slow.complete(), slow::toString);
            assertEquals(SIZE, weir.awaitLog("/down").get("bytes_out").getAsLong());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void streamsAnUploadToASlowReader(int threads) throws Exception {
        CountDownLatch reading = new CountDownLatch(1);
        try (ScriptedBackend backend = ScriptedBackend.start(connection -> {
                    String head = connection.readHead();
                    if (head == null || !head.startsWith("PUT")) {
                        return;
                    }
                    reading.await();
                    byte[] block = new byte[BLOCK];
                    for (long left = SIZE; left > 0; ) {
                        int n = connection.input().read(block, 0, (int) Math.min(BLOCK, left));
                        if (n < 0) {
                            throw new java.io.IOException("ended early");
                        }
                        left -= n;
                    }
                    connection.send(ScriptedBackend.ok("all"));
                    connection.readToEnd();
                });
                WeirProcess weir = start(backend, threads);
                Http3Client client = site.connect(weir)) {
            List<String> head = new ArrayList<>(List.of(request("PUT", "/up")));
            head.add("content-length: " + SIZE);
            Http3ClientRequest upload = client.open().head(false, head.toArray(String[]::new));
            List<ChannelFuture> blocks = new ArrayList<>();
            for (long left = SIZE; left > 0; left -= BLOCK) {
                blocks.add(upload.block(BLOCK));
            }
            upload.end(blocks.get(blocks.size() - 1));
            Thread.sleep(1_000);
            long taken = blocks.stream().filter(ChannelFuture::isSuccess).count() * BLOCK;
            assertTrue(taken < MOST_ON_THE_WAY, () -> taken + " bytes wait somewhere");
            assertEquals(204, client.get("a.test", "/alive").status(), "another stream goes on");
            Await.until(() -> held(weir) > BLOCK, () -> "unread bytes are not counted");
            reading.countDown();
            assertEquals("all", upload.awaitEnd(MANY_PACKETS).body(), upload::toString);
            assertEquals(SIZE, weir.awaitLog("/up").get("bytes_in").getAsLong());
            Await.until(() -> held(weir) == 0, () -> "still counted");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void holdsNoMoreOfManyResponsesThanTheirWindows(int threads) throws Exception {
        AtomicLong written = new AtomicLong();
        try (ScriptedBackend backend = ScriptedBackend.start(connection -> {
                    connection.readRequest();
                    write(connection, written);
                    connection.readToEnd();
                });
                WeirProcess weir = start(backend, threads);
                Http3Client client = site.connect(weir)) {
            List<Http3ClientRequest> stalled = new ArrayList<>();
            for (int i = 0; i < 30; i++) {
                stalled.add(client.open().counting().reads(false).head(true, request("GET", "/stalled" + i)));
            }
            Thread.sleep(1_000); // thirty times 64 MiB are more than the process may have
            assertEquals(204, client.get("a.test", "/alive").status());
            Http3ClientRequest one = stalled.get(7).reads(true).awaitEnd(MANY_PACKETS);
            assertEquals(SIZE, one.received(), one::toString);
        }
    }
}
