package weir.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Stream;

/** Directories for a test's files, gone when the test's JVM ends. Thread-safe. */
public final class Scratch {
    private static final Queue<Path> MADE = new ConcurrentLinkedQueue<>();

    static {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> MADE.forEach(Scratch::delete)));
    }

    private Scratch() {}

    /** A new directory whose name begins so. */
    public static Path directory(String prefix) throws IOException {
        Path made = Files.createTempDirectory(prefix);
        MADE.add(made);
        return made;
    }

    private static void delete(Path directory) {
        try (Stream<Path> below = Files.walk(directory)) {
            List<Path> deepestFirst = below.sorted(Comparator.reverseOrder()).toList();
            for (Path path : deepestFirst) {
                Files.deleteIfExists(path);
            }
        } catch (IOException | UncheckedIOException e) {
            // A process of the test still writes there: then it stays.
        }
    }
}
