package weir.discovery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import weir.config.ServiceConfig;

class ConsulCacheTest {
    private static final ConsulInstance INSTANCE = new ConsulInstance(
            "n/1", "app.internal", "10.0.0.1", 80, 3, "a", List.of("v1"), Map.of("version", "1"), "critical");

    @TempDir
    private Path directory;

    private Path file() {
        return directory.resolve("state").resolve("consul.json");
    }

    private static ServiceConfig.Consul query(String... tags) {
        return new ServiceConfig.Consul("web", List.of(tags), null, null, null, null, null, "lan");
    }

    private void write() {
        ConsulCache cache = new ConsulCache(file());
        cache.put("web", new ConsulCache.Entry(query(), 1234, List.of(INSTANCE)));
        cache.close();
    }

    @Test
    void givesBackWhatItWasGiven() throws IOException {
        write();
        ConsulCache.Entry entry = new ConsulCache(file()).find("web", query());
        assertEquals(new ConsulCache.Entry(query(), 1234, List.of(INSTANCE)), entry);
        try (Stream<Path> files = Files.list(file().getParent())) {
            assertEquals(List.of(file()), files.toList(), "nothing is left beside it");
        }
    }

    @Test
    void knowsNothingOfAnotherQuestion() {
        write();
        ConsulCache cache = new ConsulCache(file());
        assertNull(cache.find("web", query("v1")));
        assertNull(cache.find("other", query()));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{",
                "[]",
                "null",
                "{\"version\": 2, \"services\": {}}",
                "{\"version\": 1}",
                "{\"version\": 1, \"services\": {\"web\": null}}",
                "{\"version\": 1, \"services\": {\"web\": {\"instances\": [{\"id\": \"x\"}]}}}"
            })
    void startsEmptyFromAFileThatIsNoUse(String content) throws IOException {
        Files.createDirectories(file().getParent());
        Files.writeString(file(), content);
        ConsulCache cache = new ConsulCache(file());
        assertNull(cache.find("web", query()));
        cache.put("web", new ConsulCache.Entry(query(), 1, List.of(INSTANCE)));
        cache.close();
        assertTrue(new ConsulCache(file()).find("web", query()) != null, "and is replaced");
    }
}
