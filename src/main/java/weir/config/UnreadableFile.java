package weir.config;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Says in one line why a file cannot be read; the messages of Java's exceptions often are the name alone. */
public final class UnreadableFile {
    private UnreadableFile() {}

    /** {@code FILE: reason}. */
    public static String line(Path file, IOException e) {
        return file + ": " + reason(file, e);
    }

    private static String reason(Path file, IOException e) {
        if (e instanceof NoSuchFileException) {
            return "no such file";
        }
        if (e instanceof AccessDeniedException) {
            return "permission denied";
        }
        return Files.isDirectory(file) ? "is a directory" : "cannot be read: " + e.getMessage();
    }
}
