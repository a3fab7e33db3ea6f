package weir.testing;

import java.io.File;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Finds a {@code consul} to run: the one named by {@code WEIR_TEST_CONSUL}, else on the PATH, else one taken out of
 * Debian's package, which is fetched once from the machine's own mirror and kept in the user's cache directory. Nothing
 * is installed. Thread-safe.
 */
public final class ConsulProgram {
    /** The last Debian release that has the package. */
    private static final String SUITE = "bullseye";

    private static final int PATIENCE_SECONDS = 180;

    private ConsulProgram() {}

    /**
     * The program.
     *
     * @throws IOException when there is none and none could be fetched, with the reason
     */
    public static Path find() throws IOException {
        String named = System.getenv("WEIR_TEST_CONSUL");
        if (named != null && !named.isBlank()) {
            Path program = Path.of(named);
            if (!Files.isExecutable(program)) {
                throw new IOException("WEIR_TEST_CONSUL: " + program + " is no program");
            }
            return program;
        }
        Path installed = onPath();
        return installed != null ? installed : cached();
    }

    private static @Nullable Path onPath() {
        return Arrays.stream(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
                .map(directory -> Path.of(directory, "consul"))
                .filter(Files::isExecutable)
                .findFirst()
                .orElse(null);
    }

    private static synchronized Path cached() throws IOException {
        String home = System.getenv("XDG_CACHE_HOME");
        Path cache = home != null && !home.isBlank()
                ? Path.of(home, "weir-test")
                : Path.of(System.getProperty("user.home"), ".cache", "weir-test");
        Path program = cache.resolve("consul-" + SUITE);
        if (!Files.isExecutable(program)) {
            Files.createDirectories(cache);
            fetch(program);
        }
        return program;
    }

    private static void fetch(Path program) throws IOException {
        Path scratch = Scratch.directory("weir-consul");
        try {
            Files.createDirectories(scratch.resolve("lists/partial"));
            Files.createDirectories(scratch.resolve("cache/archives/partial"));
            String mirror = run(scratch, "apt-get", "indextargets", "--format", "$(SITE)")
                    .lines()
                    .filter(site -> !site.contains("security"))
                    .findFirst()
                    .orElseThrow(() -> new IOException("apt knows no mirror"));
            Files.writeString(
                    scratch.resolve("sources.list"),
                    "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] " + mirror + " " + SUITE
                            + " main\n");
            apt(scratch, "update");
            apt(scratch, "download", "consul");
            Path archive;
            try (Stream<Path> files = Files.list(scratch)) {
                archive = files.filter(file -> file.getFileName().toString().endsWith(".deb"))
                        .findFirst()
                        .orElseThrow(() -> new IOException("apt downloaded nothing"));
            }
            run(scratch, "dpkg", "-x", archive.toString(), "unpacked");
            keep(scratch.resolve("unpacked/usr/bin/consul"), program);
        } finally {
            delete(scratch);
        }
    }

    private static void keep(Path from, Path program) throws IOException {
        Path beside = Files.createTempFile(program.getParent(), "consul", ".new");
        Files.copy(from, beside, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.COPY_ATTRIBUTES);
        try {
            Files.move(beside, program, StandardCopyOption.ATOMIC_MOVE);
        } catch (FileAlreadyExistsException e) {
            // Another build was faster.
            Files.delete(beside);
        }
    }

    private static void apt(Path scratch, String... arguments) throws IOException {
        run(
                scratch,
                Stream.concat(
                                Stream.of(
                                        "apt-get",
                                        "-q",
                                        "-o",
                                        "Dir::Etc::sourcelist=" + scratch.resolve("sources.list"),
                                        "-o",
                                        "Dir::Etc::sourceparts=-",
                                        "-o",
                                        "Dir::State::lists=" + scratch.resolve("lists"),
                                        "-o",
                                        "Dir::Cache=" + scratch.resolve("cache"),
                                        "-o",
                                        "APT::Sandbox::User="),
                                Stream.of(arguments))
                        .toArray(String[]::new));
    }

    private static String run(Path directory, String... command) throws IOException {
        Path output = Files.createTempFile(directory, "output", ".txt");
        Process process = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        try {
            if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new IOException(List.of(command) + " does not end");
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
        String said = Files.readString(output);
        if (process.exitValue() != 0) {
            throw new IOException(List.of(command) + " ends with " + process.exitValue() + ": " + said.strip());
        }
        return said;
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> all = Files.walk(directory)) {
            for (Path path : all.sorted((a, b) -> b.compareTo(a)).toList()) {
                Files.deleteIfExists(path);
            }
        }
    }
}
