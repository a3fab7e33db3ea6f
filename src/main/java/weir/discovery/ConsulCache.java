package weir.discovery;

import com.google.gson.Gson;
import io.netty.util.NetUtil;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import weir.config.FailureText;
import weir.config.ServiceConfig;

/**
 * The last good answers on disk, so that Weir starts while Consul is down. Written whole beside the file and then moved
 * over it, at most once in a few seconds, on a thread of its own. Thread-safe.
 */
final class ConsulCache {
    private static final Logger LOG = LoggerFactory.getLogger(ConsulCache.class);
    private static final Gson GSON = new Gson();
    private static final int VERSION = 1;
    private static final long PAUSE_SECONDS = 2;

    private final Path file;
    private final Map<String, Entry> entries = new ConcurrentHashMap<>();
    private final AtomicBoolean queued = new AtomicBoolean();
    private final ScheduledThreadPoolExecutor writer =
            new ScheduledThreadPoolExecutor(1, new DefaultThreadFactory("weir-consul-cache", true));
    private volatile boolean failing;

    /**
     * What is kept of one service.
     *
     * @param query what was asked: the answer to another question is no use
     * @param answeredMillis when, in milliseconds since 1970
     */
    record Entry(ServiceConfig.Consul query, long answeredMillis, List<ConsulInstance> instances) {
        /** Whether somebody else has not written it. */
        private boolean usable() {
            return instances.stream()
                    .allMatch(instance -> instance.port() > 0
                            && instance.port() < 65_536
                            && NetUtil.createByteArrayFromIpAddressString(instance.ip()) != null);
        }
    }

    private record Content(int version, @Nullable Map<String, Entry> services) {}

    /** Reads the file; one that is missing, torn or of another version counts as empty. */
    ConsulCache(Path file) {
        this.file = file;
        writer.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        try {
            Content content = GSON.fromJson(Files.readString(file), Content.class);
            if (content != null && content.version == VERSION && content.services != null) {
                content.services.forEach((name, entry) -> {
                    if (entry != null && entry.query != null && entry.usable()) {
                        entries.put(name, entry);
                    }
                });
            }
        } catch (NoSuchFileException e) {
            LOG.debug("consul: no cache file yet: {}", file);
        } catch (IOException | RuntimeException e) {
            LOG.warn("consul: cache file {} cannot be used: {}", file, FailureText.of(e));
        }
    }

    /** What is kept of that service and query; null for nothing. */
    @Nullable
    Entry find(String service, ServiceConfig.Consul query) {
        Entry entry = entries.get(service);
        return entry != null && entry.query.equals(query) ? entry : null;
    }

    /** Keeps an answer. */
    void put(String service, Entry entry) {
        entries.put(service, entry);
        if (queued.compareAndSet(false, true)) {
            writer.schedule(this::write, PAUSE_SECONDS, TimeUnit.SECONDS);
        }
    }

    /** Forgets a service that is no longer configured. */
    void remove(String service) {
        entries.remove(service);
    }

    private synchronized void write() {
        queued.set(false);
        Path beside = file.resolveSibling(file.getFileName() + ".new");
        try {
            Path directory = file.toAbsolutePath().getParent();
            if (directory != null) {
                Files.createDirectories(directory);
            }
            byte[] text = GSON.toJson(new Content(VERSION, Map.copyOf(entries))).getBytes(StandardCharsets.UTF_8);
            try (FileChannel channel = FileChannel.open(
                    beside,
                    StandardOpenOption.CREATE,
                    StandardOpenOption.WRITE,
                    StandardOpenOption.TRUNCATE_EXISTING)) {
                for (ByteBuffer rest = ByteBuffer.wrap(text); rest.hasRemaining(); ) {
                    channel.write(rest);
                }
                channel.force(true);
            }
            Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            failing = false;
        } catch (IOException e) {
            if (!failing) {
                failing = true;
                LOG.warn("consul: cache file {} cannot be written: {}", file, FailureText.of(e));
            }
        }
    }

    /** Writes what is not written yet. */
    void close() {
        writer.shutdown();
        if (queued.get()) {
            write();
        }
    }
}
