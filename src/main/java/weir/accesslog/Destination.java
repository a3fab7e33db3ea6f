package weir.accesslog;

import ch.qos.logback.core.ContextBase;
import ch.qos.logback.core.FileAppender;
import ch.qos.logback.core.OutputStreamAppender;
import ch.qos.logback.core.status.Status;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Path;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import weir.config.AccessLogConfig;
import weir.config.AccessLogConfig.Output;
import weir.config.FailureText;
import weir.metrics.LoopCounter;

/**
 * Where lines go: one appender of Logback that owns standard output or the file, and those of the user. Confined to the
 * writer once it is open.
 */
final class Destination {
    private static final Logger LOG = LoggerFactory.getLogger(Destination.class);

    private final LoopCounter errors;
    private final BooleanSupplier mayRetry;
    private final ContextBase context = new ContextBase();
    private final RareMessage statusMessage = new RareMessage();
    private AccessLogConfig config;
    private @Nullable OutputStreamAppender<LineBuffer> appender;

    /** A destination; {@code mayRetry} says whether a write that failed should be tried again. */
    Destination(AccessLogConfig config, LoopCounter errors, BooleanSupplier mayRetry) {
        this.config = config;
        this.errors = errors;
        this.mayRetry = mayRetry;
        context.setName("access-log");
        context.getStatusManager().add(this::said);
    }

    /** Throws when the file cannot be written, with a message that names it. */
    static void check(AccessLogConfig config) throws IOException {
        if (config.output() != Output.FILE) {
            return;
        }
        Path path = file(config);
        try (FileChannel channel = LogStream.openFile(path)) {
            channel.size();
        } catch (AccessDeniedException e) {
            throw new IOException("access log: cannot write " + path + ": permission denied", e);
        } catch (IOException e) {
            throw new IOException("access log: cannot write " + path + ": " + LogStream.reason(e), e);
        }
    }

    void open() {
        appender = switch (config.output()) {
            case OFF -> null;
            case STDOUT -> Appenders.standardOutput(context, stream(null));
            case FILE -> Appenders.file(context, config, this::stream);
        };
    }

    /** Writes a chunk; false when lines of it were lost. */
    boolean write(LineBuffer chunk) {
        boolean written = true;
        if (appender != null) {
            if (appender.getOutputStream() instanceof LogStream stream && stream.wasReplaced()) {
                reopenOwn();
            }
            appender.doAppend(chunk);
            written = appender.isStarted()
                    && appender.getOutputStream() instanceof LogStream stream
                    && stream.takeComplete();
        }
        UserAppenders.append(chunk);
        return written;
    }

    /** Goes on with another configuration. */
    void change(AccessLogConfig next) {
        boolean same = next.output() == config.output()
                && String.valueOf(next.file()).equals(String.valueOf(config.file()))
                && next.rotateSize() == config.rotateSize()
                && next.rotateKeep() == config.rotateKeep();
        config = next;
        if (!same) {
            close();
            open();
        }
    }

    void reopen() {
        reopenOwn();
        UserAppenders.reopen();
    }

    void close() {
        if (appender != null) {
            appender.stop();
            appender = null;
        }
    }

    private void reopenOwn() {
        if (appender instanceof FileAppender<LineBuffer> file) {
            try {
                file.openFile(file.getFile());
            } catch (IOException e) {
                LOG.warn("access log: cannot reopen {}: {}", file.getFile(), FailureText.of(e));
            }
        }
    }

    private LogStream stream(@Nullable Path path) {
        return new LogStream(path, errors, mayRetry, System::nanoTime);
    }

    private static Path file(AccessLogConfig config) throws IOException {
        if (config.file() == null) {
            throw new IOException("access log: output is file, but there is no file");
        }
        return Path.of(config.file()).toAbsolutePath();
    }

    private void said(Status status) {
        if (status.getEffectiveLevel() >= Status.WARN && statusMessage.isDue()) {
            LOG.warn("access log: {}", status.getMessage());
        }
    }
}
