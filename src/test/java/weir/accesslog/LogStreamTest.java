package weir.accesslog;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import weir.metrics.LoopCounter;
import weir.metrics.MetricFamily;
import weir.metrics.Metrics;

class LogStreamTest {
    private final AtomicLong now = new AtomicLong();
    private final LoopCounter errors = new Metrics(1).counter(MetricFamily.ACCESS_LOG_ERRORS);

    @TempDir
    Path directory;

    @Test
    void seesThatTheFileWasMovedAwayOnceASecond() throws IOException {
        Path file = directory.resolve("a.log");
        LogStream stream = new LogStream(file, errors, () -> false, now::get);
        stream.write(bytes("one\n"), 0, 4);
        now.addAndGet(TimeUnit.SECONDS.toNanos(2));
        assertFalse(stream.wasReplaced());

        Files.move(file, directory.resolve("a.log.1"));
        assertFalse(stream.wasReplaced(), "looked less than a second ago");
        now.addAndGet(TimeUnit.SECONDS.toNanos(1));
        assertTrue(stream.wasReplaced(), "gone");

        Files.createFile(file);
        now.addAndGet(TimeUnit.SECONDS.toNanos(1));
        assertTrue(stream.wasReplaced(), "another file");
        stream.close();
    }

    @Test
    void countsFromTheSizeTheFileHas() throws IOException {
        Path file = directory.resolve("a.log");
        Files.writeString(file, "12345");
        LogStream stream = new LogStream(file, errors, () -> false, now::get);
        assertEquals(5, stream.size());
        stream.write(bytes("678"), 0, 3);
        assertEquals(8, stream.size());
        stream.close();
        assertEquals("12345678", Files.readString(file));
    }

    @Test
    void aFailedWriteIsCountedAndGivenUpWhenItMayNotBeRetried() {
        Path full = Path.of("/dev/full");
        assumeTrue(Files.exists(full));
        AtomicInteger asked = new AtomicInteger();
        LogStream stream = new LogStream(full, errors, () -> asked.incrementAndGet() < 1, now::get);
        stream.write(bytes("x"), 0, 1);

        assertFalse(stream.takeComplete());
        assertTrue(stream.takeComplete(), "asked again, nothing new is missing");
        assertEquals(1, errors.getCount());
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
