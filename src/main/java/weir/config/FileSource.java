package weir.config;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ScheduledExecutorService;

/** A configuration file. Used on one thread at a time. */
public final class FileSource implements ConfigurationSource {
    private final Path file;
    private final Map<String, String> environment;
    private final FileWatch watch;
    private Runnable whenChanged = () -> {};

    /** The file; {@code environment} is where {@code ${NAME}} is looked up. */
    public FileSource(Path file, Map<String, String> environment) {
        this.file = file;
        this.environment = environment;
        this.watch = new FileWatch(file, () -> whenChanged.run());
    }

    @Override
    public String name() {
        return file.toString();
    }

    @Override
    public Reading read() throws IOException {
        watch.read();
        try {
            return ConfigurationReader.read(file, environment);
        } catch (IOException e) {
            throw new IOException(UnreadableFile.line(file, e), e);
        }
    }

    @Override
    public void watch(ScheduledExecutorService control, Runnable changed) {
        whenChanged = changed;
        watch.start(control);
    }

    @Override
    public void close() {
        watch.stop();
    }
}
