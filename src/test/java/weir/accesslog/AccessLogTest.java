package weir.accesslog;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;
import weir.config.AccessLogConfig;
import weir.config.AccessLogConfig.Output;
import weir.config.AccessLogConfig.WhenFull;
import weir.metrics.MetricFamily;
import weir.metrics.Metrics;
import weir.testing.ExpectsBug;

class AccessLogTest {
    private static final Path FULL = Path.of("/dev/full");

    @TempDir
    Path directory;

    @Test
    void writesEachLineOnceInTheOrderOfTheLoop() throws IOException {
        Metrics metrics = new Metrics(1);
        AccessLog log = AccessLog.open(file("a.log"), metrics);
        for (int i = 0; i < 10_000; i++) {
            log.loop(0).log(numbered(0, i));
        }
        log.close();

        List<String> lines = Files.readAllLines(directory.resolve("a.log"));
        assertEquals(10_000, lines.size());
        for (int i = 0; i < lines.size(); i++) {
            assertEquals("0/" + i, lines.get(i));
        }
        assertEquals(10_000, metrics.counter(MetricFamily.ACCESS_LOG_LINES).getCount());
        assertEquals(0, metrics.counter(MetricFamily.ACCESS_LOG_DROPPED).getCount());
    }

    @Test
    void keepsEveryLineOnceWhileLoopsWriteAndFilesRotateAndAreMovedAway() throws Exception {
        int loops = 4;
        int lines = 50_000;
        Path file = directory.resolve("access.log");
        AccessLog log = AccessLog.open(rotating(file, 100_000, 1_000), new Metrics(loops));
        Thread[] threads = new Thread[loops];
        for (int i = 0; i < loops; i++) {
            threads[i] = producer(log.loop(i), i, lines);
            threads[i].start();
        }
        Random random = new Random(3);
        for (int moved = 0; threads[0].isAlive() || moved < 10; moved++) {
            if (random.nextBoolean() && Files.exists(file)) {
                moveAway(file, moved);
            }
            log.reopen();
            threads[0].join(1 + random.nextInt(20));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        log.close();

        assertExactlyOnce(directory, loops, lines);
        assertTrue(Files.exists(directory.resolve("access.log.3")), "rotated");
    }

    /** The writer rotates at the same time: the file may be gone by now. */
    private void moveAway(Path file, int number) throws IOException {
        try {
            Files.move(file, directory.resolve("moved-" + number));
        } catch (java.nio.file.NoSuchFileException e) {
            assertFalse(Files.exists(directory.resolve("moved-" + number)));
        }
    }

    @Test
    void keepsNoMoreFilesThanTold() throws IOException {
        Path file = directory.resolve("access.log");
        AccessLog log = AccessLog.open(rotating(file, 70_000, 3), new Metrics(1));
        producer(log.loop(0), 0, 200_000).run();
        log.close();

        try (Stream<Path> files = Files.list(directory)) {
            assertEquals(
                    List.of("access.log", "access.log.1", "access.log.2", "access.log.3"),
                    files.map(f -> f.getFileName().toString()).sorted().toList());
        }
        assertTrue(Files.size(directory.resolve("access.log.1")) <= 70_000);
    }

    @Test
    void appendsToWhatAnEarlierProcessWrote() throws IOException {
        for (int run = 0; run < 2; run++) {
            AccessLog log = AccessLog.open(file("sub/dir 100%/a.log"), new Metrics(1));
            log.loop(0).log(numbered(0, run));
            log.close();
        }
        assertEquals(List.of("0/0", "0/1"), Files.readAllLines(directory.resolve("sub/dir 100%/a.log")));
    }

    @Test
    void dropsAndCountsWhenTheWriterDoesNotKeepUp() throws IOException {
        assumeTrue(Files.exists(FULL));
        Metrics metrics = new Metrics(1);
        AccessLog log = AccessLog.open(config(FULL, WhenFull.DROP), metrics);
        LoopLog loop = log.loop(0);
        int sent = 0;
        while (dropped(metrics) == 0) {
            loop.log(numbered(0, sent++));
        }
        assertFalse(loop.full());
        log.reconfigure(file("rescue.log"));
        log.close();

        List<String> lines = Files.readAllLines(directory.resolve("rescue.log"));
        assertTrue(lines.size() > 1_000, "what waited is written");
        assertEquals(sent, lines.size() + dropped(metrics));
        assertTrue(metrics.counter(MetricFamily.ACCESS_LOG_ERRORS).getCount() > 0);
    }

    @Test
    void pausesInsteadOfDroppingWhenToldTo() throws IOException {
        assumeTrue(Files.exists(FULL));
        Metrics metrics = new Metrics(1);
        AccessLog log = AccessLog.open(config(FULL, WhenFull.PAUSE), metrics);
        LoopLog loop = log.loop(0);
        AtomicInteger resumed = new AtomicInteger();
        loop.onResume(resumed::incrementAndGet);
        int sent = 0;
        while (!loop.full()) {
            loop.log(numbered(0, sent++));
        }
        loop.tick(0);
        assertEquals(0, resumed.get(), "still full");
        int begun = sent + 200_000;
        while (sent < begun) {
            loop.log(numbered(0, sent++));
        }
        assertEquals(0, dropped(metrics), "requests already begun have their lines");
        log.reconfigure(config(directory.resolve("rescue.log"), WhenFull.PAUSE));
        while (loop.full()) {
            Thread.yield();
        }
        while (resumed.get() == 0) {
            loop.tick(0);
        }
        log.close();

        long written = Files.readAllLines(directory.resolve("rescue.log")).size();
        assertEquals(sent, written + dropped(metrics));
        assertTrue(written >= 200_000);
    }

    @Test
    void closesInBoundedTimeWhenNothingCanBeWritten() throws IOException {
        assumeTrue(Files.exists(FULL));
        Metrics metrics = new Metrics(1);
        AccessLog log = AccessLog.open(config(FULL, WhenFull.DROP), metrics);
        for (int i = 0; i < 1_000; i++) {
            log.loop(0).log(numbered(0, i));
        }
        log.close(Duration.ofMillis(50));

        assertEquals(1_000, dropped(metrics));
    }

    @Test
    void refusesAFileThatCannotBeWritten() {
        IOException refusal =
                assertThrows(IOException.class, () -> AccessLog.open(config(directory, WhenFull.DROP), new Metrics(1)));
        assertTrue(refusal.getMessage().startsWith("access log: cannot write " + directory), refusal.getMessage());
    }

    @Test
    void aRefusedConfigurationChangesNothing() throws IOException {
        AccessLog log = AccessLog.open(file("a.log"), new Metrics(1));
        assertThrows(IOException.class, () -> log.reconfigure(config(directory, WhenFull.DROP)));
        AccessLogConfig typo = new AccessLogConfig("{stauts}", Output.OFF, null, 0, 0, WhenFull.DROP);
        assertThrows(IllegalArgumentException.class, () -> log.reconfigure(typo));
        log.loop(0).log(numbered(0, 1));
        log.close();

        assertEquals(List.of("0/1"), Files.readAllLines(directory.resolve("a.log")));
    }

    @Test
    void reconfigureChangesFormatAndFile() throws IOException {
        AccessLog log = AccessLog.open(file("a.log"), new Metrics(1));
        log.loop(0).log(numbered(0, 1));
        log.reconfigure(new AccessLogConfig(
                "{status}", Output.FILE, directory.resolve("b.log").toString(), 0, 0, WhenFull.DROP));
        log.loop(0).log(numbered(0, 2));
        log.reconfigure(new AccessLogConfig("{status}", Output.OFF, null, 0, 0, WhenFull.DROP));
        log.loop(0).log(numbered(0, 3));
        log.reconfigure(file("a.log"));
        log.loop(0).log(numbered(0, 4));
        log.close();

        List<String> all = new ArrayList<>(Files.readAllLines(directory.resolve("a.log")));
        assertEquals("0/4", all.get(all.size() - 1));
        assertFalse(all.contains("0/3"), "nothing is rendered while the output is off");
    }

    @Test
    void appendersOfTheUserGetEachLineToo() throws IOException {
        ListAppender<ILoggingEvent> own = new ListAppender<>();
        own.start();
        Logger logger = (Logger) LoggerFactory.getLogger("access");
        logger.addAppender(own);
        try {
            AccessLog log = AccessLog.open(
                    new AccessLogConfig("{path}", Output.OFF, null, 0, 0, WhenFull.DROP), new Metrics(1));
            log.loop(0).log(TestExchange.of("GET", "h", "/{}/a"));
            log.loop(0).log(TestExchange.of("GET", "h", "/b"));
            log.close();
        } finally {
            logger.detachAppender(own);
        }
        assertEquals(
                List.of("/{}/a", "/b"),
                own.list.stream().map(ILoggingEvent::getFormattedMessage).toList());
    }

    @Test
    @ExpectsBug
    void aLineThatCannotBeRenderedLeavesNoHalfLine() throws IOException {
        Metrics metrics = new Metrics(1);
        AccessLog log = AccessLog.open(file("a.log"), metrics);
        TestExchange broken = numbered(0, 1);
        broken.attempts = new String[][] {{}};
        log.loop(0).log(numbered(0, 0));
        log.reconfigure(new AccessLogConfig(
                "{path}{attempts}", Output.FILE, directory.resolve("a.log").toString(), 0, 0, WhenFull.DROP));
        log.loop(0).log(broken);
        log.close();

        assertEquals(List.of("0/0"), Files.readAllLines(directory.resolve("a.log")));
        assertEquals(1, dropped(metrics));
    }

    static void assertExactlyOnce(Path directory, int loops, int lines) throws IOException {
        boolean[][] seen = new boolean[loops][lines];
        long count = 0;
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.toList()) {
                for (String line : Files.readAllLines(file)) {
                    String[] parts = line.split("/");
                    int loop = Integer.parseInt(parts[0]);
                    int number = Integer.parseInt(parts[1]);
                    assertFalse(seen[loop][number], line + " twice");
                    seen[loop][number] = true;
                    count++;
                }
            }
        }
        assertEquals((long) loops * lines, count);
    }

    private Thread producer(LoopLog loop, int number, int lines) {
        return new Thread(() -> {
            for (int i = 0; i < lines; i++) {
                loop.log(numbered(number, i));
                if (i % 500 == 0) {
                    loop.tick(0);
                    Thread.yield();
                }
            }
        });
    }

    private static long dropped(Metrics metrics) {
        return metrics.counter(MetricFamily.ACCESS_LOG_DROPPED).getCount();
    }

    private static TestExchange numbered(int loop, int number) {
        return TestExchange.of("GET", "h", loop + "/" + number);
    }

    private AccessLogConfig file(String name) {
        return config(directory.resolve(name), WhenFull.DROP);
    }

    private static AccessLogConfig config(Path path, WhenFull whenFull) {
        return new AccessLogConfig("{path}", Output.FILE, path.toString(), 0, 0, whenFull);
    }

    private static AccessLogConfig rotating(Path path, long size, int keep) {
        return new AccessLogConfig("{path}", Output.FILE, path.toString(), size, keep, WhenFull.PAUSE);
    }
}
