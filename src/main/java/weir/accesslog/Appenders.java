package weir.accesslog;

import ch.qos.logback.core.Context;
import ch.qos.logback.core.OutputStreamAppender;
import ch.qos.logback.core.rolling.RollingFileAppender;
import ch.qos.logback.core.rolling.TriggeringPolicyBase;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.Objects;
import java.util.function.Function;
import weir.config.AccessLogConfig;

/** Makes Logback's appenders for whole chunks: standard output, or a file that rotates by size. */
final class Appenders {
    private Appenders() {}

    static OutputStreamAppender<LineBuffer> standardOutput(Context context, LogStream stream) {
        OutputStreamAppender<LineBuffer> appender = new ChunkStreamAppender();
        appender.setContext(context);
        appender.setName("stdout");
        appender.setEncoder(new ChunkEncoder());
        appender.setOutputStream(stream);
        appender.start();
        return appender;
    }

    static OutputStreamAppender<LineBuffer> file(
            Context context, AccessLogConfig config, Function<Path, LogStream> streams) {
        ChunkFileAppender appender = new ChunkFileAppender(streams);
        Path file = Path.of(Objects.requireNonNull(config.file())).toAbsolutePath();
        appender.setContext(context);
        appender.setName("file");
        appender.setFile(file.toString());
        appender.setEncoder(new ChunkEncoder());
        SizeTrigger trigger = new SizeTrigger(appender, config.rotateSize());
        trigger.setContext(context);
        trigger.start();
        appender.setTriggeringPolicy(trigger);
        NumberedFiles rolling = new NumberedFiles(file, config.rotateKeep());
        rolling.setContext(context);
        rolling.setParent(appender);
        rolling.start();
        appender.setRollingPolicy(rolling);
        appender.start();
        return appender;
    }

    /** A rolling file whose stream tries again where Logback's own would lose what it cannot write. */
    private static final class ChunkFileAppender extends RollingFileAppender<LineBuffer> {
        private final Function<Path, LogStream> streams;

        ChunkFileAppender(Function<Path, LogStream> streams) {
            this.streams = streams;
        }

        @Override
        public void openFile(String file) {
            setOutputStream(streams.apply(Path.of(file)));
        }

        @Override
        protected void writeOut(LineBuffer chunk) throws IOException {
            write(chunk, getOutputStream());
        }
    }

    /** Standard output. */
    private static final class ChunkStreamAppender extends OutputStreamAppender<LineBuffer> {
        @Override
        protected void writeOut(LineBuffer chunk) throws IOException {
            write(chunk, getOutputStream());
        }
    }

    /** Writes a chunk from its own array: an encoder would have to copy it. */
    private static void write(LineBuffer chunk, OutputStream to) throws IOException {
        to.write(chunk.array(), 0, chunk.length());
    }

    /** Rotates before the chunk that would make the file larger than allowed. */
    private static final class SizeTrigger extends TriggeringPolicyBase<LineBuffer> {
        private final ChunkFileAppender appender;
        private final long limit;

        SizeTrigger(ChunkFileAppender appender, long limit) {
            this.appender = appender;
            this.limit = limit;
        }

        @Override
        public boolean isTriggeringEvent(File active, LineBuffer chunk) {
            if (limit == 0 || !(appender.getOutputStream() instanceof LogStream stream)) {
                return false;
            }
            long size = stream.size();
            return size > 0 && size + chunk.length() > limit;
        }
    }
}
