package weir.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonParser;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import weir.config.FileSource;

final class CheckCommandTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(Object command, String... arguments) {
        return new CommandLine(command)
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(arguments);
    }

    private int check(String... arguments) {
        return run(new CheckCommand(name -> new FileSource(Path.of(name), Map.of("PORT", "8080"))), arguments);
    }

    @Test
    void theExampleIsOk() {
        assertEquals(0, check(), err::toString);
        assertEquals("config.yaml: ok\n", out.toString());
        assertEquals("", err.toString());
    }

    @Test
    void variablesOfTheProcessAreSubstituted(@TempDir Path directory) throws IOException {
        Path file = Files.writeString(directory.resolve("w.yaml"), "listeners: {web: ':${PORT}'}\n");
        assertEquals(0, check(file.toString()), err::toString);
    }

    @Test
    void everyProblemIsOneLineAndTheExitCodeIsTwo(@TempDir Path directory) throws IOException {
        Path file = Files.writeString(directory.resolve("w.yaml"), "listeners: {web: 8080}\nthreds: 1\n");
        assertEquals(2, check(file.toString()));
        String[] lines = err.toString().split("\n");
        assertEquals(2, lines.length);
        assertTrue(lines[0].startsWith(file + ":1:18: address: 8080: the port is missing (expected: "), lines[0]);
        assertTrue(lines[1].startsWith(file + ":2:1: unknown key: threds (expected: "), lines[1]);
        assertTrue(lines[1].endsWith("; did you mean threads?)"), lines[1]);
        assertEquals("", out.toString());
    }

    @Test
    void aFileThatCannotBeReadIsOneLineAndTheExitCodeIsOne(@TempDir Path directory) {
        Path missing = directory.resolve("none.yaml");
        assertEquals(1, check(missing.toString()));
        assertEquals(missing + ": no such file\n", err.toString());
        err.getBuffer().setLength(0);
        assertEquals(1, check(directory.toString()));
        assertEquals(directory + ": is a directory\n", err.toString());
    }

    @Test
    void schemaPrintsJson() {
        assertEquals(0, run(new SchemaCommand()));
        assertTrue(JsonParser.parseString(out.toString()).getAsJsonObject().has("properties"));
    }
}
