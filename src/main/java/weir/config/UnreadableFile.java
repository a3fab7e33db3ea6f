package weir.config;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Says in one line why a file cannot be read; the messages of Java's exceptions often are the name alone. */
public final class UnreadableFile {
    private UnreadableFile() {}

    /** {@code FILE: reason}. */
    public static String line(Path file, IOException e) {
        return file + ": " + reason(file, e);
    }

    /**
     * The path of that name.
     *
     * @throws IOException {@code NAME: reason} when this process cannot name such a file
     */
    public static Path path(String name) throws IOException {
        try {
            return Path.of(name);
        } catch (InvalidPathException e) {
            throw new IOException(name + ": " + FailureText.of(e), e);
        }
    }

    private static String reason(Path file, IOException e) {
        if (e instanceof NoSuchFileException || e instanceof AccessDeniedException) {
            return FailureText.of(e);
        }
        return Files.isDirectory(file) ? "is a directory" : "cannot be read: " + FailureText.of(e);
    }
}
