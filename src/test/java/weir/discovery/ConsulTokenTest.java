package weir.discovery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConsulTokenTest {
    @TempDir
    private Path directory;

    @Test
    void isThatOfTheConfiguredFileBeforeTheEnvironment() throws IOException {
        Path configured = Files.writeString(directory.resolve("a"), "one\n");
        Path named = Files.writeString(directory.resolve("b"), "two");
        Map<String, String> environment =
                Map.of("CONSUL_HTTP_TOKEN", "three", "CONSUL_HTTP_TOKEN_FILE", named.toString());
        assertEquals("one", ConsulToken.of(configured.toString(), environment).current());
        assertEquals("two", ConsulToken.of(null, environment).current());
        assertEquals(
                "three",
                ConsulToken.of(null, Map.of("CONSUL_HTTP_TOKEN", "three")).current());
        assertNull(ConsulToken.of(null, Map.of("CONSUL_HTTP_TOKEN", " ")).current());
    }

    @Test
    void followsTheFileAndKeepsTheLastOneWhenItCannotBeRead() throws IOException {
        Path file = Files.writeString(directory.resolve("token"), "one");
        ConsulToken token = ConsulToken.of(file.toString(), Map.of());
        assertEquals("one", token.current());
        Files.writeString(file, "two");
        assertEquals("two", token.current());
        Files.delete(file);
        assertEquals("two", token.current());
        Files.writeString(file, "");
        assertNull(token.current());
    }
}
