package weir.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import weir.testing.RequiresTool;

/** {@code bin/weir} with a Java that only says how it was called. */
@RequiresTool({"sh", "sed", "readlink"})
final class LauncherTest {
    private static final String TUNING =
            "-XX:+UseParallelGC -XX:ParallelGCThreads=1 -Xms24m -Xmn8m -Xmx256m -XX:MaxDirectMemorySize=256m -XX:+ExitOnOutOfMemoryError";
    private static final String QUIET = "-Xlog:disable -Xlog:all=warning,cds*=off";
    private static final String MEANT = "--enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow";

    @TempDir
    private Path directory;

    private Path launcher;
    private Path jar;

    @BeforeEach
    void install() throws IOException {
        Path home = Files.createDirectories(directory.toRealPath().resolve("the house"));
        launcher = Files.createDirectories(home.resolve("bin")).resolve("weir");
        Files.copy(Path.of("bin", "weir"), launcher);
        jar = Files.createFile(Files.createDirectories(home.resolve("target")).resolve("weir.jar"));
    }

    @Test
    void startsTheJarWithItsFlags() throws Exception {
        assertEquals(
                call(TUNING, jar, "run", "--config", "a b"),
                run(launcher, Map.of("JAVA_HOME", java("17.0.15")), "run", "--config", "a b"));
    }

    @Test
    void saysMoreToNewerJavas() throws Exception {
        assertEquals(call(MEANT + " " + TUNING, jar), run(launcher, Map.of("JAVA_HOME", java("25"))));
    }

    @Test
    void asksTheJavaThatHasNoReleaseFile() throws Exception {
        String home = java("25.0.1");
        Files.delete(Path.of(home, "release"));
        assertEquals(call(MEANT + " " + TUNING, jar), run(launcher, Map.of("JAVA_HOME", home)));
    }

    @Test
    void findsJavaOnThePath() throws Exception {
        String path = java("17") + "/bin:" + System.getenv("PATH");
        assertEquals(call(TUNING, jar), run(launcher, Map.of("PATH", path)));
    }

    @Test
    void takesOtherOptionsInPlaceOfItsOwn() throws Exception {
        assertEquals(
                call("-XX:+UseG1GC -Xmx1g", jar),
                run(launcher, Map.of("JAVA_HOME", java("17"), "WEIR_JAVA_OPTS", "-XX:+UseG1GC -Xmx1g")));
    }

    /** What the process is in, and the files that say what it may use there. */
    private Map<String, String> groups(String cgroup, String... limits) throws IOException {
        Path root = Files.createTempDirectory(directory, "root");
        Files.createDirectories(root.resolve("proc/self"));
        Files.writeString(root.resolve("proc/self/cgroup"), cgroup);
        for (int i = 0; i < limits.length; i += 2) {
            Path file = root.resolve("sys/fs/cgroup").resolve(limits[i]);
            Files.createDirectories(file.getParent());
            Files.writeString(file, limits[i + 1] + "\n");
        }
        return Map.of("JAVA_HOME", java("17"), "WEIR_TEST_ROOT", root.toString());
    }

    private static String sized(int start, int heap, int direct) {
        return "-XX:+UseParallelGC -XX:ParallelGCThreads=1 -Xms" + start + "m -Xmn8m -Xmx" + heap
                + "m -XX:MaxDirectMemorySize=" + direct + "m -XX:ReservedCodeCacheSize=32m -XX:+ExitOnOutOfMemoryError";
    }

    @Test
    void keepsItsSizesWithoutALimit() throws Exception {
        assertEquals(call(TUNING, jar), run(launcher, groups("0::/\n")));
        assertEquals(call(TUNING, jar), run(launcher, groups("0::/a\n", "a/memory.max", "max")));
        assertEquals(call(TUNING, jar), run(launcher, groups("0::/a\n", "a/memory.max", "610271232")));
        assertEquals(
                call(TUNING, jar),
                run(launcher, groups("4:memory:/\n", "memory/memory.limit_in_bytes", "9223372036854771712")));
    }

    @Test
    void fitsIntoTheLimitOfItsControlGroupOrOneAbove() throws Exception {
        String fitting = call(sized(24, 29, 29), jar);
        String limit = Integer.toString(128 << 20);
        assertEquals(fitting, run(launcher, groups("0::/\n", "memory.max", limit)));
        assertEquals(fitting, run(launcher, groups("0::/a/b\n", "a/b/memory.max", "max", "a/memory.max", limit)));
        assertEquals(fitting, run(launcher, groups("4:memory:/a\n0::/\n", "memory/a/memory.limit_in_bytes", limit)));
        assertEquals(fitting, run(launcher, groups("4:cpu,memory:/there\n", "memory/memory.limit_in_bytes", limit)));
        assertEquals(fitting, run(launcher, Map.of("JAVA_HOME", java("17"), "WEIR_MEMORY", "128")));
    }

    @Test
    void leavesHeapAndDirectMemoryWhatTheJvmDoesNotNeed() throws Exception {
        String home = java("17");
        for (int memory : new int[] {102, 200, 333, 581}) {
            int heap = (memory - 70) / 2;
            assertEquals(
                    call(sized(Math.min(24, heap), heap, memory - 70 - heap), jar),
                    run(launcher, Map.of("JAVA_HOME", home, "WEIR_MEMORY", Integer.toString(memory))));
        }
        assertEquals(call(sized(16, 16, 16), jar), run(launcher, Map.of("JAVA_HOME", home, "WEIR_MEMORY", "64")));
        assertEquals(
                "weir: WEIR_MEMORY is not a number of MiB: 1g",
                run(launcher, Map.of("JAVA_HOME", home, "WEIR_MEMORY", "1g")));
    }

    @Test
    void followsLinksAndPrefersLib() throws Exception {
        Path installed = Files.copy(
                jar,
                Files.createDirectories(launcher.resolveSibling("../lib").normalize())
                        .resolve("weir.jar"));
        Path second = Files.createSymbolicLink(directory.resolve("second"), launcher);
        Path first = Files.createSymbolicLink(directory.resolve("first"), second.getFileName());
        assertEquals(call(TUNING, installed.toRealPath()), run(first, Map.of("JAVA_HOME", java("17"))));
    }

    @Test
    void saysWhatIsMissing() throws Exception {
        assertEquals("weir: JAVA_HOME has no bin/java: /nowhere", run(launcher, Map.of("JAVA_HOME", "/nowhere")));
        String old = java("11.0.2");
        assertEquals(
                "weir: Java 17 or newer is needed (" + old + "/bin/java is version 11)",
                run(launcher, Map.of("JAVA_HOME", old)));
        Files.delete(jar);
        Path home = jar.getParent().getParent();
        assertEquals(
                "weir: no weir.jar in " + home + "/lib or " + home + "/target (build it: mvn package)",
                run(launcher, Map.of("JAVA_HOME", old)));
    }

    @Test
    void makesTheCacheItUses() throws Exception {
        Map<String, String> java17 = cached(java("17.0.15"));
        String made = run(launcher, java17, "warm-up");
        assertTrue(made.matches(".*/the cache/weir-[0-9-]+\\.jsa"), made);
        assertEquals(
                call(QUIET + ":stderr|-XX:SharedArchiveFile=" + made + "|" + TUNING, jar, "x"),
                run(launcher, java17, "x"));
        Map<String, String> java25 = cached(java("25"));
        assertEquals(call(MEANT + " " + TUNING, jar, "x"), run(launcher, java25, "x"));
        String other = run(launcher, java25, "warm-up");
        assertEquals(
                call(MEANT + " " + QUIET + ",aot*=off:stderr|-XX:AOTCache=" + other + "|" + TUNING, jar, "x"),
                run(launcher, java25, "x"));
        assertEquals(List.of(made, other), files(directory.resolve("the cache")));
    }

    @Test
    void usesNoCacheOfAnotherJavaJarOrCollector() throws Exception {
        String home = java("17.0.15");
        Map<String, String> environment = cached(home);
        run(launcher, environment, "warm-up");
        String without = call(TUNING, jar, "x");
        Path release = Path.of(home, "release");
        String text = Files.readString(release);
        Files.writeString(release, text + "SOURCE=\"another\"\n");
        assertEquals(without, run(launcher, environment, "x"));
        Files.writeString(release, text);
        assertNotEquals(without, run(launcher, environment, "x"));
        Map<String, String> serial = new HashMap<>(environment);
        serial.put("WEIR_JAVA_OPTS", "-XX:+UseSerialGC");
        assertEquals(call("-XX:+UseSerialGC", jar, "x"), run(launcher, serial, "x"));
        Files.writeString(jar, "another");
        assertEquals(without, run(launcher, environment, "x"));
    }

    @Test
    void leavesTheCacheToOthers() throws Exception {
        Map<String, String> environment = cached(java("17"));
        run(launcher, environment, "warm-up");
        Map<String, String> off = new HashMap<>(environment);
        off.put("WEIR_CACHE", "off");
        assertEquals(call(TUNING, jar, "x"), run(launcher, off, "x"));
        Map<String, String> another = new HashMap<>(environment);
        another.put("WEIR_JAVA_OPTS", "-XX:SharedArchiveFile=mine");
        assertEquals(call("-XX:SharedArchiveFile=mine", jar, "x"), run(launcher, another, "x"));
    }

    @Test
    void leavesNothingOfACacheThatFails() throws Exception {
        Map<String, String> environment = new HashMap<>(cached(java("17")));
        environment.put("FAILS", "yes");
        String said = run(launcher, environment, "warm-up");
        assertTrue(said.matches("weir: the cache weir-.* could not be made in .*"), said);
        assertEquals(List.of(), files(directory.resolve("the cache")));
        Files.createFile(directory.resolve("no directory"));
        environment.put("WEIR_CACHE", directory.resolve("no directory").toString());
        assertTrue(run(launcher, environment, "warm-up").startsWith("weir: the cache "));
    }

    @Test
    void makesTheCacheBehindTheFirstRun() throws Exception {
        Map<String, String> environment = new HashMap<>(cached(java("17")));
        Path sleep = Files.createDirectories(directory.resolve("tools")).resolve("sleep");
        Files.writeString(sleep, "#!/bin/sh\n");
        Files.setPosixFilePermissions(sleep, PosixFilePermissions.fromString("rwxr-xr-x"));
        environment.put("PATH", sleep.getParent() + ":" + System.getenv("PATH"));
        environment.put("AWAITS", directory.resolve("the cache").toString());
        assertEquals(call(TUNING, jar, "run"), run(launcher, environment, "run"));
        environment.remove("AWAITS");
        assertNotEquals(call(TUNING, jar, "run"), run(launcher, environment, "run"));
    }

    private Map<String, String> cached(String home) {
        return Map.of(
                "JAVA_HOME", home, "WEIR_CACHE", directory.resolve("the cache").toString());
    }

    private static List<String> files(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(Path::toString)
                    .sorted(Comparator.comparing(
                            name -> name.substring(name.lastIndexOf('.')), Comparator.reverseOrder()))
                    .toList();
        }
    }

    /** Makes a Java of a version whose program prints its arguments; returns its home. */
    private String java(String version) throws IOException {
        Path home = directory.resolve("java-" + version);
        Path program = Files.createDirectories(home.resolve("bin")).resolve("java");
        Files.writeString(home.resolve("release"), "IMPLEMENTOR=\"x\"\nJAVA_VERSION=\"" + version + "\"\n");
        Files.writeString(program, """
                #!/bin/sh
                if [ "$1" = -version ]; then
                    echo 'openjdk version "%s" 2025-10-21' >&2
                    exit
                fi
                for word in "$@"; do
                    case $word in
                        -XX:ArchiveClassesAtExit=*|-XX:AOTCacheOutput=*)
                            echo cache >"${word#*=}"
                            [ -z "$FAILS" ]
                            exit
                            ;;
                    esac
                done
                if [ -n "$AWAITS" ]; then
                    # As the run that lasts until its cache is there: renamed, not only begun.
                    until ls "$AWAITS" 2>/dev/null | grep -q 'jsa$'; do :; done
                    printf '%%s|' "$@"
                else
                    printf '%%s|' "$@"
                fi
                """.formatted(version));
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
        return home.toString();
    }

    /** What the Java prints that is called with these options, the jar and these arguments. */
    private static String call(String options, Path jar, String... arguments) {
        return options.replace(" -", "|-") + "|-jar|" + jar + "|" + String.join("|", arguments)
                + (arguments.length == 0 ? "" : "|");
    }

    private static String run(Path launcher, Map<String, String> environment, String... arguments)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(launcher.toString()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().remove("JAVA_HOME");
        builder.environment().remove("WEIR_JAVA_OPTS");
        builder.environment().put("WEIR_CACHE", "off");
        builder.environment().put("WEIR_TEST_ROOT", "/nowhere"); // whatever limit these tests run under
        builder.environment().putAll(environment);
        Process process = builder.start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        int exit = process.waitFor();
        assertEquals(output.startsWith("weir: ") ? 1 : 0, exit, output);
        return output.strip();
    }
}
