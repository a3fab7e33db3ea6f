package weir.accesslog;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AccessLogIT {
    private static final int LOOPS = 3;

    @TempDir
    Path directory;

    @Test
    void everyLineOfAProcessThatIsTerminatedIsThereOnce() throws IOException, InterruptedException {
        Path errors = directory.resolve("stderr");
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        "-Xmx128m",
                        LoggingProcess.class.getName(),
                        Integer.toString(LOOPS))
                .redirectError(errors.toFile())
                .start();
        int[] next = new int[LOOPS];
        int read = 0;
        try (BufferedReader out = process.inputReader(StandardCharsets.US_ASCII)) {
            for (String line = out.readLine(); line != null; line = out.readLine()) {
                int loop = line.charAt(0) - '0';
                assertEquals(next[loop], Integer.parseInt(line.substring(2)), line);
                next[loop]++;
                if (++read == 100_000) {
                    process.toHandle().destroy();
                }
            }
        } finally {
            process.destroyForcibly();
        }
        assertTrue(process.waitFor(10, TimeUnit.SECONDS));

        List<String> said = Files.readAllLines(errors);
        for (int i = 0; i < LOOPS; i++) {
            assertTrue(said.contains("loop " + i + " " + next[i]), i + ": " + next[i] + " read, " + said);
            assertTrue(next[i] > 0);
        }
    }
}
