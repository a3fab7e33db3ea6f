package weir.config;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import weir.testing.ExpectsBug;
import weir.testing.ManualScheduler;

class FileWatchTest {
    @TempDir
    Path directory;

    private Path file;
    private FileWatch watch;
    private int changes;
    private long writes;

    @BeforeEach
    void start() throws IOException {
        file = directory.resolve("config.yaml");
        write(file, "one");
        watch = new FileWatch(file, () -> changes++);
    }

    /** Each write has a time of its own, however coarse the file system's clock is. */
    private void write(Path to, String content) throws IOException {
        Files.writeString(to, content);
        Files.setLastModifiedTime(to, FileTime.fromMillis(1_000_000L * ++writes));
    }

    private void look(int times) {
        for (int i = 0; i < times; i++) {
            watch.look();
        }
    }

    @Test
    void seesAChangeOnceItIsQuiet() throws IOException {
        look(3);
        assertEquals(0, changes);
        write(file, "two");
        look(1);
        write(file, "three");
        look(1);
        assertEquals(0, changes);
        look(1);
        assertEquals(1, changes);
        look(3);
        assertEquals(1, changes);
    }

    @Test
    void theSameContentIsNoChange() throws IOException {
        write(file, "one");
        look(3);
        assertEquals(0, changes);
    }

    @Test
    void seesAFileThatIsReplaced() throws IOException {
        Path other = directory.resolve("other");
        write(other, "two");
        Files.move(other, file, StandardCopyOption.REPLACE_EXISTING);
        look(2);
        assertEquals(1, changes);
    }

    @Test
    void seesALinkThatIsSwapped() throws IOException {
        Path a = Files.createDirectory(directory.resolve("a"));
        Path b = Files.createDirectory(directory.resolve("b"));
        write(a.resolve("config.yaml"), "one");
        write(b.resolve("config.yaml"), "two");
        Path link = directory.resolve("now");
        Files.createSymbolicLink(link, a);
        watch = new FileWatch(link.resolve("config.yaml"), () -> changes++);
        look(2);
        assertEquals(0, changes);
        Path swapped = Files.createSymbolicLink(directory.resolve("next"), b);
        Files.move(swapped, link, StandardCopyOption.REPLACE_EXISTING);
        look(2);
        assertEquals(1, changes);
    }

    @Test
    void waitsForAFileThatIsGone() throws IOException {
        Files.delete(file);
        look(3);
        assertEquals(0, changes);
        write(file, "two");
        look(2);
        assertEquals(1, changes);
    }

    @Test
    void whatSomebodyJustReadIsKnown() throws IOException {
        write(file, "two");
        watch.read();
        look(3);
        assertEquals(0, changes);
    }

    @Test
    @ExpectsBug
    void watchesOnAfterABug() throws IOException {
        ManualScheduler control = new ManualScheduler();
        watch = new FileWatch(file, () -> {
            changes++;
            throw new IllegalStateException("a bug of the test");
        });
        watch.start(control);
        write(file, "two");
        control.advance(Duration.ofSeconds(1));
        write(file, "three");
        control.advance(Duration.ofSeconds(1));
        assertEquals(2, changes);
        watch.stop();
    }
}
