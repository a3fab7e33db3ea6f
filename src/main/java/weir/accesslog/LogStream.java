package weir.accesslog;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import weir.config.FailureText;
import weir.metrics.LoopCounter;

/**
 * The bytes' last way to a file or to standard output. A write that fails, as on a full disk, is tried again each
 * second from the byte where it stopped; meanwhile lines wait in the loops' chunks. Confined to the writer.
 */
final class LogStream extends OutputStream {
    private static final Logger LOG = LoggerFactory.getLogger(LogStream.class);
    private static final long RETRY_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long LOOK_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final @Nullable Path path;
    private final LoopCounter errors;
    private final BooleanSupplier mayRetry;
    private final LongSupplier nanoTime;
    private final RareMessage failure = new RareMessage();
    private @Nullable FileChannel channel;
    private @Nullable Object fileKey;
    private long size;
    private long lastLook;
    private boolean complete = true;

    /** A stream to that file, or to standard output when null; opened with the first write. */
    LogStream(@Nullable Path path, LoopCounter errors, BooleanSupplier mayRetry, LongSupplier nanoTime) {
        this.path = path;
        this.nanoTime = nanoTime;
        this.lastLook = nanoTime.getAsLong();
        this.errors = errors;
        this.mayRetry = mayRetry;
    }

    /** Opens a file to append to, with the directories it is in. */
    static FileChannel openFile(Path path) throws IOException {
        Path directory = path.getParent();
        if (directory != null) {
            Files.createDirectories(directory);
        }
        return FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    /** What went wrong, without the file's name where that can be left out. */
    static String reason(IOException e) {
        return FailureText.of(e);
    }

    /** Bytes in the file. */
    long size() {
        try {
            open();
        } catch (IOException e) {
            return 0; // the write that follows meets the same and says so
        }
        return size;
    }

    /** Whether the file is no longer the one under its name; looked at once a second at most. */
    boolean wasReplaced() {
        long now = nanoTime.getAsLong();
        if (path == null || channel == null || now - lastLook < LOOK_NANOS) {
            return false;
        }
        lastLook = now;
        return isOther();
    }

    /** Whether everything since the last call was written. */
    boolean takeComplete() {
        boolean was = complete;
        complete = true;
        return was;
    }

    @Override
    public void write(int b) {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int start, int length) {
        ByteBuffer rest = ByteBuffer.wrap(bytes, start, length);
        while (rest.hasRemaining()) {
            try {
                size += open().write(rest);
            } catch (IOException e) {
                errors.inc();
                if (failure.isDue()) {
                    LOG.error("access log: cannot write {}: {}; will try again", name(), reason(e));
                }
                if (!waitToRetry()) {
                    complete = false;
                    return;
                }
            }
        }
    }

    @Override
    public void close() {
        FileChannel open = channel;
        channel = null;
        if (open != null && path != null) {
            try {
                open.close();
            } catch (IOException e) {
                errors.inc();
                LOG.error("access log: cannot close {}: {}", name(), reason(e));
            }
        }
    }

    private FileChannel open() throws IOException {
        FileChannel open = channel;
        if (open != null && open.isOpen()) {
            return open;
        }
        if (path == null) {
            open = new FileOutputStream(FileDescriptor.out).getChannel();
        } else {
            open = openFile(path);
            size = open.size();
            fileKey = Files.readAttributes(path, BasicFileAttributes.class).fileKey();
        }
        channel = open;
        return open;
    }

    private boolean isOther() {
        try {
            Object key = path == null
                    ? fileKey
                    : Files.readAttributes(path, BasicFileAttributes.class).fileKey();
            return key != null && !key.equals(fileKey);
        } catch (IOException e) {
            return true; // it is gone, or will be found out by opening it
        }
    }

    private boolean waitToRetry() {
        long until = System.nanoTime() + RETRY_NANOS;
        while (System.nanoTime() - until < 0) {
            if (!mayRetry.getAsBoolean()) {
                return false;
            }
            LockSupport.parkNanos(this, until - System.nanoTime());
        }
        if (path != null && (channel == null || isOther())) {
            close();
        }
        return mayRetry.getAsBoolean();
    }

    private String name() {
        return path == null ? "standard output" : path.toString();
    }
}
