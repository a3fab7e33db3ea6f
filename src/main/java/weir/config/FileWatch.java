package weir.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Notices when a file's content changed and has then been quiet for {@value #PERIOD_MILLIS} ms. It looks instead of
 * being told, because that also sees symlinks that are swapped, files that are replaced, and network mounts. Confined to
 * the control thread.
 */
final class FileWatch {
    private static final Logger LOG = LoggerFactory.getLogger(FileWatch.class);
    static final long PERIOD_MILLIS = 250;

    private final Path file;
    private final Runnable changed;
    private byte[] seen;
    private @Nullable Stamp stamp;
    private boolean restless;
    private @Nullable ScheduledFuture<?> schedule;

    /** What is cheap to look at: it changes with every write or replacement. */
    private record Stamp(Object file, long size, long modified) {}

    /** A watch that takes the present content for known. */
    FileWatch(Path file, Runnable changed) {
        this.file = file;
        this.changed = changed;
        this.stamp = stamp();
        this.seen = hash();
    }

    void start(ScheduledExecutorService control) {
        schedule = control.scheduleWithFixedDelay(this::lookOn, PERIOD_MILLIS, PERIOD_MILLIS, TimeUnit.MILLISECONDS);
    }

    void stop() {
        if (schedule != null) {
            schedule.cancel(false);
        }
    }

    /** Takes the present content for known: somebody has just read it. */
    void read() {
        stamp = stamp();
        seen = hash();
        restless = false;
    }

    /** An exception would end the schedule, and with it all watching. */
    private void lookOn() {
        try {
            look();
        } catch (RuntimeException | Error bug) {
            LOG.error("a bug while {} was looked at", file, bug);
        }
    }

    void look() {
        Stamp now = stamp();
        if (!Objects.equals(now, stamp)) {
            stamp = now;
            restless = true;
        } else if (restless && now != null) {
            restless = false;
            byte[] content = hash();
            if (!Arrays.equals(content, seen)) {
                seen = content;
                changed.run();
            }
        }
    }

    private @Nullable Stamp stamp() {
        try {
            Path real = file.toRealPath();
            BasicFileAttributes attributes = Files.readAttributes(real, BasicFileAttributes.class);
            Object key = attributes.fileKey() == null ? real : real + " " + attributes.fileKey();
            return new Stamp(
                    key, attributes.size(), attributes.lastModifiedTime().to(TimeUnit.NANOSECONDS));
        } catch (IOException e) {
            return null;
        }
    }

    private byte[] hash() {
        try {
            return MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file));
        } catch (IOException e) {
            return new byte[0];
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
