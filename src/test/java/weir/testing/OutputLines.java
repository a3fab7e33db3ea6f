package weir.testing;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The lines a process writes, read by a thread of their own so that the process never waits. Thread-safe. */
final class OutputLines {
    private final List<String> lines = new ArrayList<>();
    private final Thread reader;

    OutputLines(InputStream from, String name) {
        reader = new Thread(() -> read(from), name);
        reader.setDaemon(true);
    }

    OutputLines start() {
        reader.start();
        return this;
    }

    private void read(InputStream from) {
        try (BufferedReader in = new BufferedReader(new InputStreamReader(from, StandardCharsets.UTF_8))) {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                synchronized (lines) {
                    lines.add(line);
                    lines.notifyAll();
                }
            }
        } catch (IOException gone) {
            // The process was killed: what it wrote is there.
        }
    }

    List<String> all() {
        synchronized (lines) {
            return List.copyOf(lines);
        }
    }

    /** The first line that matches, waited for; null when none came in time. */
    @Nullable
    String await(Predicate<String> wanted, Duration atMost) throws InterruptedException {
        long end = System.nanoTime() + atMost.toNanos();
        synchronized (lines) {
            for (int seen = 0; ; ) {
                for (; seen < lines.size(); seen++) {
                    if (wanted.test(lines.get(seen))) {
                        return lines.get(seen);
                    }
                }
                long millis = (end - System.nanoTime()) / 1_000_000;
                if (millis <= 0) {
                    return null;
                }
                lines.wait(millis);
            }
        }
    }

    /** Waits for the end of the stream. */
    void join() throws InterruptedException {
        reader.join(10_000);
    }
}
