package weir.accesslog;

import ch.qos.logback.core.rolling.RollingPolicyBase;
import ch.qos.logback.core.rolling.RolloverFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * Renames {@code access.log} to {@code access.log.1}, that one to {@code .2} and so on; the oldest goes. Logback's own
 * policy of this kind keeps 20 files at most and takes a percent sign in a path for a pattern. Confined to the writer.
 */
final class NumberedFiles extends RollingPolicyBase {
    private final Path file;
    private final int keep;

    /** Keeps that many files; 0 is no limit. */
    NumberedFiles(Path file, int keep) {
        this.file = file;
        this.keep = keep == 0 ? Integer.MAX_VALUE : keep;
    }

    @Override
    public void rollover() {
        try {
            int oldest = 1;
            while (oldest < keep && Files.exists(numbered(oldest))) {
                oldest++;
            }
            Files.deleteIfExists(numbered(oldest));
            for (int i = oldest; i > 1; i--) {
                Files.move(numbered(i - 1), numbered(i));
            }
            Files.move(file, numbered(1));
        } catch (NoSuchFileException e) {
            // somebody else moved it away: then it is as good as rotated
        } catch (IOException e) {
            throw new RolloverFailure("cannot rotate " + file + ": " + LogStream.reason(e), e);
        }
    }

    @Override
    public String getActiveFileName() {
        return file.toString();
    }

    private Path numbered(int number) {
        return file.resolveSibling(file.getFileName() + "." + number);
    }
}
