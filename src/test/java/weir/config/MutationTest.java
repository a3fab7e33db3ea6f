package weir.config;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever happens to a file, the reader answers with problems, never with an exception. */
final class MutationTest {
    private static final String SPICE = "{}[]:,&*!|>'\"%@`#?-<~$\\\t\n\r \0\u0007\ufeff0aÄ\u2028";
    private static final String[] PHRASES = {
        "\"\\UFFFFFFFF\"",
        "%YAML 99999999999.1\n",
        "<<: *a",
        "&a ",
        "*a",
        "!!binary ",
        "? ",
        "--- ",
        "${",
        "${A:}",
        "- - - "
    };

    @Test
    void mutationsOfTheExampleNeverThrow(@TempDir Path directory) throws IOException {
        Random random = new Random(42);
        String example = Files.readString(Path.of("config.yaml"));
        String all = ConfigYamlTest.uncommented(example);
        Path file = directory.resolve("config.yaml");
        int good = 0;
        int bad = 0;
        for (int i = 0; i < 4_000; i++) {
            String text = i % 2 == 0 ? example : all;
            byte[] bytes = random.nextBoolean() ? mutateLines(text, random) : mutateBytes(text, random);
            Reading reading;
            if (i % 8 == 0) {
                Files.write(file, bytes);
                reading = ConfigurationReader.read(file, Map.of());
            } else {
                String mutated = new String(bytes, StandardCharsets.UTF_8);
                reading = ConfigurationReader.read("config.yaml", mutated, directory, Map.of());
            }
            if (reading.good()) {
                good++;
            } else {
                bad++;
                for (Problem problem : reading.problems()) {
                    assertFalse(problem.toString().contains("\n"), problem::toString);
                    assertTrue(
                            problem.location().line() > 0 && problem.location().column() > 0, problem::toString);
                }
            }
        }
        assertTrue(good > 100 && bad > 1_000, good + " good, " + bad + " bad: the mutations teach something");
    }

    private static byte[] mutateBytes(String text, Random random) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        for (int n = random.nextInt(3); n >= 0; n--) {
            int at = random.nextInt(bytes.length);
            switch (random.nextInt(4)) {
                case 0 -> bytes[at] = (byte) random.nextInt(256);
                case 1 -> bytes = splice(bytes, at, at + 1 + random.nextInt(Math.min(20, bytes.length - at)), "");
                case 2 ->
                    bytes = splice(
                            bytes,
                            at,
                            at,
                            SPICE.substring(random.nextInt(SPICE.length())).substring(0, 1));
                default -> bytes = splice(bytes, at, at, PHRASES[random.nextInt(PHRASES.length)]);
            }
        }
        return bytes;
    }

    private static byte[] splice(byte[] bytes, int from, int to, String middle) {
        byte[] inserted = middle.getBytes(StandardCharsets.UTF_8);
        byte[] result = Arrays.copyOf(bytes, bytes.length - (to - from) + inserted.length);
        System.arraycopy(inserted, 0, result, from, inserted.length);
        System.arraycopy(bytes, to, result, from + inserted.length, bytes.length - to);
        return result;
    }

    private static byte[] mutateLines(String text, Random random) {
        List<String> lines = new ArrayList<>(List.of(text.split("\n", -1)));
        for (int n = random.nextInt(4); n >= 0; n--) {
            int at = random.nextInt(lines.size());
            switch (random.nextInt(4)) {
                case 0 -> lines.remove(at);
                case 1 -> lines.add(random.nextInt(lines.size()), lines.get(at));
                case 2 -> lines.set(at, " ".repeat(random.nextInt(4)) + lines.get(at));
                default -> lines.set(at, lines.get(at).strip());
            }
        }
        return String.join("\n", lines).getBytes(StandardCharsets.UTF_8);
    }
}
