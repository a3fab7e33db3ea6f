package weir.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import weir.testing.RequiresTool;

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

    private static int healthCheck(String port) throws IOException, InterruptedException {
        ProcessBuilder builder =
                new ProcessBuilder(Path.of("packaging", "healthcheck").toString());
        builder.environment().put("WEIR_ADMIN", "127.0.0.1:" + port);
        return builder.redirectError(ProcessBuilder.Redirect.DISCARD).start().waitFor();
    }
}
