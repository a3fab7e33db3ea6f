package weir.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Runs a program to its end. */
public final class Tool {
    private Tool() {}

    /** What a program said. Immutable. */
    public record Result(int exit, String out, String err) {
        /** Both streams. */
        public String said() {
            return out + err;
        }
    }

    /** Runs it with nothing to read. */
    public static Result run(String... command) throws IOException, InterruptedException {
        return in(Path.of(""), command);
    }

    /** Runs it in a directory. */
    public static Result in(Path directory, String... command) throws IOException, InterruptedException {
        return feed("", directory, command);
    }

    /** Runs it with that to read. */
    public static Result feed(String input, Path directory, String... command)
            throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command)
                .directory(directory.toAbsolutePath().toFile())
                .start();
        try {
            CompletableFuture<String> out = CompletableFuture.supplyAsync(() -> all(process.getInputStream()));
            CompletableFuture<String> err = CompletableFuture.supplyAsync(() -> all(process.getErrorStream()));
            try (var in = process.getOutputStream()) {
                in.write(input.getBytes(StandardCharsets.ISO_8859_1));
            } catch (IOException e) {
                // It ended without reading.
            }
            if (!process.waitFor(60, TimeUnit.SECONDS)) {
                throw new IOException(String.join(" ", command) + " does not end");
            }
            return new Result(process.exitValue(), out.join(), err.join());
        } finally {
            process.destroyForcibly();
        }
    }

    private static String all(java.io.InputStream in) {
        try {
            return new String(in.readAllBytes(), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
