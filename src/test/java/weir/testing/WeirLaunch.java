package weir.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * How a Weir is started. What a configuration leaves out and a test needs is completed: a listener {@code web} and an
 * admin API, each on a port of the kernel's choice. Confined to one thread.
 */
public final class WeirLaunch {
    private static final List<String> FLAGS = List.of(
            "-Xmx256m",
            "-XX:MaxDirectMemorySize=256m",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-XX:+StartAttachListener",
            "-XX:-UsePerfData",
            "-Dio.netty.leakDetection.level=PARANOID",
            "-Dio.netty.leakDetection.targetRecords=16");

    /** Those of the flags that make a test quicker but a JVM unlike the one that users have. */
    private static final List<String> FOR_SPEED = List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1");

    /** What a start loads, laid out by the build for these flags; Java says nothing where it does not fit. */
    private static final List<String> CLASS_DATA = classData(System.getProperty("weir.class-data"));

    /** How often to try for a process id that no other user's JVM left a socket for. */
    private static final int STARTS = 10;

    private final String yaml;
    private String threads = "";
    private String config = "weir.yaml";
    private boolean holdsStdout;
    private boolean plain;
    private List<String> before = List.of();
    private final List<String> flags = new ArrayList<>(FLAGS);
    private final Map<String, String> environment = new TreeMap<>();
    private List<String> program = List.of("-jar", jar().toString());

    /** A Weir with that configuration. */
    public WeirLaunch(String yaml) {
        this.yaml = yaml;
    }

    /** Sets how many event loops there are, in this configuration and those that replace it. */
    public WeirLaunch threads(int count) {
        threads = "threads: " + count + "\n";
        return this;
    }

    private static List<String> classData(@Nullable String file) {
        if (file == null || !Files.isReadable(Path.of(file))) {
            return List.of();
        }
        return List.of(
                "-XX:SharedArchiveFile=" + file, "-Xlog:disable", "-Xlog:all=warning,cds*=off,class+path=off:stderr");
    }

    String complete(String yaml) {
        String text = yaml;
        if (!text.contains("listeners:")) {
            text = "listeners: {web: {address: \"127.0.0.1:0\"}}\n" + text;
        }
        if (!text.contains("admin:")) {
            text = "admin: {address: \"127.0.0.1:0\"}\n" + text;
        }
        return threads + text;
    }

    /** The jar under test. */
    public static Path jar() {
        return Path.of(System.getProperty("weir.jar", "target/weir.jar")).toAbsolutePath();
    }

    /** Adds flags of the JVM. */
    public WeirLaunch flags(String... more) {
        flags.addAll(List.of(more));
        return this;
    }

    /**
     * Counts every buffer but notes no place where one was touched: for bodies of many small packets, whose notes cost more
     * than they.
     */
    public WeirLaunch withoutTraces() {
        return flags("-Dio.netty.leakDetection.targetRecords=0");
    }

    /**
     * Keeps to what {@code java -jar} does alone: Java chooses collector and compilers, and from Java 24 on Netty works
     * without {@code sun.misc.Unsafe}, as the flags are left out that {@code bin/weir} adds. What finds leaks stays.
     */
    public WeirLaunch plain() {
        plain = true;
        flags.removeAll(FOR_SPEED);
        return this;
    }

    /** Lets it have no more than so many file descriptors. */
    public WeirLaunch descriptors(int most) {
        before = List.of("prlimit", "--nofile=" + most);
        return this;
    }

    /** Runs with that configuration source in place of the file. */
    public WeirLaunch config(String source) {
        config = source;
        return this;
    }

    /** Leaves stdout unread, so that writes to it block sooner or later. */
    public WeirLaunch holdStdout() {
        holdsStdout = true;
        return this;
    }

    boolean holdsStdout() {
        return holdsStdout;
    }

    /** Sets a variable of the environment. */
    public WeirLaunch environment(String name, String value) {
        environment.put(name, value);
        return this;
    }

    /** Runs that class of the tests, which calls Weir's own, in place of the jar's main class. */
    public WeirLaunch main(Class<?> type) {
        Path tests;
        try {
            tests = Path.of(
                    type.getProtectionDomain().getCodeSource().getLocation().toURI());
        } catch (java.net.URISyntaxException e) {
            throw new IllegalStateException(e);
        }
        flags("-Dlogback.configurationFile=child-logback.xml"); // not that of the tests
        program = List.of("-cp", jar() + ":" + tests, type.getName());
        return this;
    }

    /** Starts it and waits until it is ready. */
    public WeirProcess start() throws IOException, InterruptedException {
        WeirProcess process = startUnready();
        try {
            process.awaitStderr("ready in ");
            return process;
        } catch (AssertionError | InterruptedException e) {
            process.kill();
            throw e;
        }
    }

    /** Starts it and returns at once; for those that shall fail. */
    public WeirProcess startUnready() throws IOException {
        Path directory = Scratch.directory("weir-it");
        Files.writeString(directory.resolve("weir.yaml"), complete(yaml));
        return startIn(directory);
    }

    /** Starts it in a directory where {@code weir.yaml} may or may not be; returns at once. */
    public WeirProcess startIn(Path directory) throws IOException {
        // A JVM leaves a signal ignored that was ignored when it began, as SIGHUP is under nohup.
        List<String> command = new ArrayList<>(List.of("env", "--default-signal=HUP,INT,TERM"));
        command.addAll(before);
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        if (!plain) {
            command.addAll(CLASS_DATA);
        }
        command.addAll(flags);
        if (!plain && Runtime.version().feature() >= 24) {
            command.add("--enable-native-access=ALL-UNNAMED");
            command.add("--sun-misc-unsafe-memory-access=allow");
        }
        command.addAll(program);
        command.addAll(List.of("run", "--config", config));
        ProcessBuilder builder = new ProcessBuilder(command).directory(directory.toFile());
        builder.environment().putAll(environment);
        Process process = builder.start();
        for (int i = 0; i < STARTS && JvmAttachment.blocked(process.pid(), directory); i++) {
            process.destroyForcibly();
            process = builder.start();
        }
        return new WeirProcess(process, directory, this);
    }

    @Override
    public String toString() {
        return threads.isEmpty() ? "weir" : "weir with " + threads.strip();
    }
}
