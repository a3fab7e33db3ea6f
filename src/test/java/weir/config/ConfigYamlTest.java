package weir.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;

/** The annotated example at the top of the repository is valid, complete, and true. */
final class ConfigYamlTest {
    private static final Path FILE = Path.of("config.yaml");

    private String text = "";

    @BeforeEach
    void readText() throws IOException {
        text = Files.readString(FILE);
    }

    /** The example with every commented key live: a {@code #} before a key without a space or with two and more. */
    static String uncommented(String text) {
        return text.replaceAll("(?m)^( *)#((?: {2,})?(?:- )?[a-z0-9-]+:.*)$", "$1$2");
    }

    @Test
    void runsTheDemo() throws IOException {
        Reading reading = ConfigurationReader.read(FILE, Map.of());
        assertEquals(List.of(), reading.problems());
        Configuration configuration = reading.configuration();
        assertNotNull(configuration);
        assertEquals(
                List.of(new Address("", 8080)),
                configuration.listeners().values().stream()
                        .map(ListenerConfig::address)
                        .toList());
        ServiceConfig hello = configuration.services().get("hello");
        ServiceConfig sum = configuration.services().get("sum");
        assertEquals(List.of("127.0.0.1:9001", "127.0.0.1:9002"), addresses(hello));
        assertEquals(List.of("127.0.0.1:9011", "127.0.0.1:9012"), addresses(sum));
        assertEquals(Set.of(500, 502, 503, 504), hello.ejection().statuses());
        assertEquals("/health", hello.healthCheck().path());
        assertEquals("/health", sum.healthCheck().path());
        assertEquals(ServiceConfig.Balance.LEAST_CONNECTIONS, sum.balance());
        assertEquals("/hello", configuration.routes().get(0).stripPrefix());
        assertEquals("/sum", configuration.routes().get(1).path());
        assertEquals(AdminConfig.DEFAULT, configuration.admin());
    }

    private static List<String> addresses(ServiceConfig service) {
        return service.backends().stream().map(b -> b.address().toString()).toList();
    }

    @Test
    void isValidWithEveryCommentedKeyToo() {
        Reading reading = ConfigurationReader.read(
                "config.yaml", uncommented(text), Path.of("").toAbsolutePath(), Map.of());
        assertEquals(List.of(), reading.problems());
    }

    @Test
    void documentsEveryKeyWithItsDefault() {
        Map<String, Integer> lines = new HashMap<>();
        Node root = new Yaml(new LoaderOptions()).compose(new java.io.StringReader(uncommented(text)));
        collect(ConfigurationShape.CONFIGURATION, "", root, lines);
        String[] text = this.text.split("\n");
        List<String> wrong = new ArrayList<>();
        for (Map.Entry<String, Key<?>> key : SchemaTest.keys().entrySet()) {
            if (key.getKey().equals(".consul.address")) {
                continue; // not beside addresses, which stands there
            }
            Integer line = lines.get(key.getKey());
            if (line == null) {
                wrong.add(key.getKey() + " is missing");
            } else {
                String said = stated(key.getValue());
                String comment = text[line] + " # " + (line > 0 ? text[line - 1] : "");
                if (said != null && !comment.contains("# " + said) && !comment.contains(" " + said)) {
                    wrong.add("line " + (line + 1) + ": " + key.getKey() + " does not say: " + said);
                }
            }
        }
        assertEquals(List.of(), wrong);
    }

    /** What the comment of a key must say of its default; null for a mapping, whose keys say theirs. */
    private static <T> String stated(Key<T> key) {
        if (key.required()) {
            return key.name().equals("listeners") ? "Required" : "required";
        }
        if (key.nullable()) {
            return "default none";
        }
        if (key.type() instanceof TextType<T> text) {
            String value = text.format().apply(key.missing());
            return "default " + (value.isEmpty() ? "\"\"" : value);
        }
        if (key.name().equals("routes") || key.name().equals("services")) {
            return "Default: none";
        }
        if (key.type() instanceof ListType<?> list && key.missing() instanceof List<?> values) {
            return "default "
                    + values.stream().map(v -> format(list.element(), v)).toList();
        }
        return key.type() instanceof MapType<?> ? "default {}" : null;
    }

    @SuppressWarnings("unchecked")
    private static <T> String format(Type<T> type, Object value) {
        return ((TextType<T>) type).format().apply((T) value);
    }

    /** Finds the first line on which each key of the shape stands. */
    private static void collect(Type<?> type, String path, Node node, Map<String, Integer> lines) {
        if (type instanceof ListType<?> list && node instanceof SequenceNode sequence) {
            sequence.getValue().forEach(item -> collect(list.element(), path + "[]", item, lines));
        } else if (type instanceof MapType<?> map && node instanceof MappingNode mapping) {
            mapping.getValue().forEach(t -> collect(map.value(), path + ".*", t.getValueNode(), lines));
        } else if (type instanceof ObjectType<?> object && node instanceof MappingNode mapping) {
            mapping.getValue().forEach(tuple -> {
                String name = ((ScalarNode) tuple.getKeyNode()).getValue();
                Key<?> key = object.keys().stream()
                        .filter(k -> k.name().equals(name))
                        .findFirst()
                        .orElseThrow();
                String below = path + "." + name;
                lines.putIfAbsent(below, tuple.getKeyNode().getStartMark().getLine());
                collect(key.type(), below, tuple.getValueNode(), lines);
            });
        }
    }

    @Test
    void namesNothingThatIsNotBuiltYet() {
        for (String word : List.of("split", "mirror", "peak-ewma", "power-of-two")) {
            assertTrue(!text.contains(word), word);
        }
    }
}
