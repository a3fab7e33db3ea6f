package weir.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import weir.testing.RawClient;
import weir.testing.RawResponse;
import weir.testing.RequiresTool;
import weir.testing.Tool;
import weir.testing.WeirProcess;

/** What the build hands over: the two jars, the launcher, the health check of the container. */
@Timeout(60)
final class PackagingIT {
    private static final Path JAR = Path.of(System.getProperty("weir.jar"));
    private static final Path DEMO_JAR = Path.of(System.getProperty("weir.demo.jar"));

    @Test
    void carriesTheNativesOfLinuxAndNoOthers() throws IOException {
        try (JarFile jar = new JarFile(JAR.toFile())) {
            Set<String> natives = jar.stream()
                    .map(entry -> entry.getName())
                    .filter(name -> name.matches("META-INF/native/.+\\.(so|jnilib|dll)"))
                    .map(name -> name.substring(name.lastIndexOf('/') + 1))
                    .collect(Collectors.toSet());
            assertEquals(
                    Set.of(
                            "libnetty_transport_native_epoll_x86_64.so",
                            "libnetty_transport_native_epoll_aarch_64.so",
                            "libnetty_transport_native_io_uring42_x86_64.so",
                            "libnetty_transport_native_io_uring42_aarch_64.so",
                            "libnetty_tcnative_linux_x86_64.so",
                            "libnetty_tcnative_linux_aarch_64.so",
                            "libnetty_quiche42_linux_x86_64.so",
                            "libnetty_quiche42_linux_aarch_64.so"),
                    natives);
        }
        // For each of two processors BoringSSL is 1.4 MB, QUIC 2.8 MB.
        assertTrue(Files.size(JAR) < 21_000_000, () -> JAR + " grew");
    }

    @Test
    void keepsGrpcAndProtobufOut() throws IOException {
        try (JarFile jar = new JarFile(JAR.toFile())) {
            assertTrue(jar.stream()
                    .noneMatch(entry -> entry.getName().matches("(io/grpc|com/google/protobuf|weir/demo)/.*")));
        }
    }

    @Test
    void tellsTheJvmWhatItIs() throws IOException {
        try (JarFile jar = new JarFile(JAR.toFile())) {
            Attributes manifest = jar.getManifest().getMainAttributes();
            assertEquals("weir.Main", manifest.getValue("Main-Class"));
            assertEquals("ALL-UNNAMED", manifest.getValue("Enable-Native-Access"));
            assertNotNull(manifest.getValue("Implementation-Version"));
            assertTrue(jar.isMultiRelease());
            String versions = new String(
                    jar.getInputStream(jar.getEntry("META-INF/io.netty.versions.properties"))
                            .readAllBytes(),
                    StandardCharsets.UTF_8);
            assertTrue(versions.contains("netty-transport.version="), versions);
        }
    }

    @Test
    @RequiresTool({"sh", "sed", "readlink"})
    void launchesThePackagedJar() throws Exception {
        ProcessBuilder builder = new ProcessBuilder(Path.of("bin", "weir").toString(), "version");
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        Process process = builder.redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), output);
        assertTrue(!output.contains("WARNING"), output);
    }

    @Test
    @RequiresTool({"sh", "sed", "readlink", "stat", "cksum", "mktemp"})
    void makesACacheThatThisJavaTakes(@TempDir Path directory) throws Exception {
        Path loads = directory.resolve("loads");
        Path cache = Path.of(launch(directory, "-XX:+UseSerialGC", "warm-up").strip());
        assertTrue(Files.size(cache) > 1_000_000, cache::toString);
        String said = launch(directory, "-XX:+UseSerialGC -Xlog:class+load:file=" + loads, "version");
        assertTrue(said.startsWith("weir "), said);
        String classes = Files.readString(loads);
        assertTrue(classes.matches("(?s).* io.netty.channel.uring.IoUring source: shared objects file.*"), classes);
        // Java would say of a cache that is not its own. It made this one read-only.
        Files.delete(cache);
        Files.write(cache, new byte[] {1, 2, 3});
        assertEquals(said, launch(directory, "-XX:+UseSerialGC", "version"));
    }

    private static String launch(Path cache, String options, String command) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(Path.of("bin", "weir").toString(), command);
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        builder.environment().put("WEIR_JAVA_OPTS", options);
        builder.environment().put("WEIR_CACHE", cache.toString());
        Process process = builder.redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), output);
        return output;
    }

    @Test
    @RequiresTool("bash")
    void startsADemoBackendThatTheHealthCheckFindsAlive() throws Exception {
        Process hello = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-jar",
                        DEMO_JAR.toString(),
                        "hello",
                        "--port",
                        "0",
                        "--until-stdin-closes")
                .start();
        try (BufferedReader out =
                new BufferedReader(new InputStreamReader(hello.getInputStream(), StandardCharsets.UTF_8))) {
            String port = out.readLine().replaceAll(".*:", "");
            HttpResponse<String> response = HttpClient.newHttpClient()
                    .send(
                            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/Ada"))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString());
            assertEquals("Hello, Ada!", response.body());
            assertEquals(0, healthCheck(port));
            hello.getOutputStream().close();
            assertEquals(0, hello.waitFor());
            assertEquals(1, healthCheck(port));
        } finally {
            hello.destroyForcibly();
        }
    }

    @Test
    @RequiresTool("bash")
    void checksTheHealthOfAnAdminApiOnIpv6() throws Exception {
        try (ServerSocket admin = new ServerSocket()) {
            assumeTrue(hasIpv6(), "this machine has no IPv6");
            admin.bind(new InetSocketAddress("::1", 0));
            Thread answer = new Thread(() -> {
                try (Socket client = admin.accept()) {
                    BufferedReader request = new BufferedReader(
                            new InputStreamReader(client.getInputStream(), StandardCharsets.US_ASCII));
                    while (!request.readLine().isEmpty()) {
                        // the shell sends its request in pieces
                    }
                    client.getOutputStream().write("HTTP/1.1 200 OK\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                } catch (IOException e) {
                    // then the check fails
                }
            });
            answer.start();
            assertEquals(0, healthCheckOf("[::1]:" + admin.getLocalPort()));
            answer.join();
        }
    }

    private static boolean hasIpv6() {
        try (ServerSocket probe = new ServerSocket(0, 1, InetAddress.getByName("::1"))) {
            return probe.isBound();
        } catch (IOException e) {
            return false;
        }
    }

    /** Kubernetes cannot tell of a user's name that it is not root's. */
    @Test
    void runsTheImageAsANumberedUserOnFilesThatExist() throws IOException {
        List<String> lines = Files.readAllLines(Path.of("Dockerfile"));
        assertTrue(lines.stream().anyMatch(line -> line.matches("USER [1-9]\\d*:[1-9]\\d*")), lines::toString);
        lines.stream()
                .filter(line -> line.startsWith("COPY") && !line.contains("--from"))
                .flatMap(line ->
                        Stream.of(line.replaceAll("COPY|--\\S+", "").strip().split(" +")))
                .filter(word -> !word.startsWith("/") && !word.equals("./"))
                .forEach(word -> assertTrue(Files.exists(Path.of(word)), word));
    }

    @Test
    void saysWhatToMountWhereTheImageHasNoConfiguration() throws Exception {
        String yaml =
                Files.readString(Path.of("packaging", "unconfigured.yaml")).replace("\":8080\"", "\"127.0.0.1:0\"");
        try (WeirProcess weir = WeirProcess.start(yaml)) {
            RawResponse response = RawClient.get(weir.port(), "/any");
            assertEquals(503, response.status());
            assertTrue(response.body().contains("Mount yours over /etc/weir/config.yaml"), response::body);
        }
    }

    @Test
    @RequiresTool({"sh", "sed", "readlink"})
    void namesFilesBeyondAsciiInALocaleWithoutThem(@TempDir Path directory) throws Exception {
        String script = "name=$(printf 'caf\\303\\251.yaml'); echo 'listeners: {web: \":8080\"}' > $1/$name; ";
        String file = directory.toString();
        Tool.Result launched = Tool.run("env", "LC_ALL=C", "sh", "-c", script + "bin/weir check $1/$name", "sh", file);
        assertEquals(0, launched.exit(), launched::said);
        for (String command : List.of("check", "run --config")) {
            Tool.Result bare = Tool.run(
                    "env",
                    "LC_ALL=C",
                    "sh",
                    "-c",
                    script + "$2 -jar $3 " + command + " $1/$name",
                    "sh",
                    file,
                    java(),
                    JAR.toString());
            assertEquals(1, bare.exit(), bare::said);
            assertTrue(bare.err().contains("yaml: the locale has no such characters (set LC_ALL=C.UTF-8)"), bare::said);
            assertEquals(1, bare.err().lines().count(), bare::said);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"version", "schema", "check config.yaml", "--help", "help run", "run --help"})
    @RequiresTool("sh")
    void failsWhenWhatItPrintsCannotBeWritten(String command) throws Exception {
        assumeTrue(Files.exists(Path.of("/dev/full")), "this machine has no /dev/full");
        Tool.Result full =
                Tool.run("sh", "-c", "\"$1\" -jar \"$2\" " + command + " >/dev/full", "sh", java(), JAR.toString());
        assertEquals(1, full.exit(), full::said);
        assertEquals("weir: cannot write to standard output", full.err().strip());
    }

    private static String java() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }

    private static int healthCheck(String port) throws IOException, InterruptedException {
        return healthCheckOf("127.0.0.1:" + port);
    }

    private static int healthCheckOf(String admin) throws IOException, InterruptedException {
        ProcessBuilder builder =
                new ProcessBuilder(Path.of("packaging", "healthcheck").toString());
        builder.environment().put("WEIR_ADMIN", admin);
        return builder.redirectError(ProcessBuilder.Redirect.DISCARD).start().waitFor();
    }
}
