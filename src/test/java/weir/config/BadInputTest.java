package weir.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The table {@code bad-input.txt}: a configuration and, after {@code =>}, everything that is said of it. In it
 * {@code ␀} stands for NUL and {@code ␁} for the character U+0001.
 */
final class BadInputTest {
    @ParameterizedTest(name = "{0}")
    @MethodSource("table")
    void saysWhatIsWrongAndWhere(String name, String yaml, String problems) {
        Reading reading = ConfigurationReader.read(
                "config.yaml",
                yaml.replace('␀', '\0').replace('␁', '\1'),
                Path.of("/etc/weir"),
                Map.of("NAME", "value", "EMPTY", ""));
        assertEquals(
                problems, reading.problems().stream().map(Problem::toString).collect(Collectors.joining("\n")));
    }

    static Stream<Arguments> table() throws IOException {
        String text;
        try (InputStream in = BadInputTest.class.getResourceAsStream("bad-input.txt")) {
            assertNotNull(in);
            text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
        List<String> cases = Arrays.stream(text.split("(?m)^--- "))
                .filter(part -> !part.isBlank())
                .toList();
        return cases.stream().map(part -> {
            int yaml = part.indexOf('\n') + 1;
            int problems = part.indexOf("=>\n", yaml);
            return Arguments.of(
                    part.substring(0, yaml - 1),
                    part.substring(yaml, problems),
                    part.substring(problems + 3).strip());
        });
    }
}
