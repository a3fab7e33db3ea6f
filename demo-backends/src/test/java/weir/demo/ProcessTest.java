package weir.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class ProcessTest {
    @Test
    void exitsWhenStandardInputEnds() throws Exception {
        Process process = start("hello", "--port", "0", "--until-stdin-closes");
        try (BufferedReader out = output(process)) {
            int port = Integer.parseInt(out.readLine().replaceAll(".*:", ""));
            assertEquals("Hello, Ada!", Client.get(port, "/Ada").body());
            assertTrue(out.readLine().contains("GET /Ada 200"));
            process.getOutputStream().close();
            assertEquals(0, process.waitFor());
        } finally {
            process.destroyForcibly();
        }
    }

    @Test
    void staysWithoutTheFlag() throws Exception {
        Process process = start("hello", "--port", "0");
        try (BufferedReader out = output(process)) {
            out.readLine();
            process.getOutputStream().close();
            assertTrue(!process.waitFor(500, TimeUnit.MILLISECONDS));
            process.destroy();
            assertEquals(143, process.waitFor());
        } finally {
            process.destroyForcibly();
        }
    }

    @Test
    void saysInOneLineThatThePortIsTaken() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, java.net.InetAddress.getByName("127.0.0.1"))) {
            Process process = start("sum", "--port", Integer.toString(taken.getLocalPort()));
            try (BufferedReader out = output(process)) {
                assertEquals("127.0.0.1:" + taken.getLocalPort() + ": Address already in use", out.readLine());
            }
            assertEquals(1, process.waitFor());
        }
    }

    @Test
    void explainsItselfOnWrongUsage() throws Exception {
        Process process = start("greet");
        try (BufferedReader out = output(process)) {
            assertEquals("unknown role: greet (expected: hello, sum or call)", out.readLine());
        }
        assertEquals(2, process.waitFor());
    }

    private static Process start(String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName()));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command).redirectErrorStream(true).start();
    }

    private static BufferedReader output(Process process) {
        return new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    }
}
