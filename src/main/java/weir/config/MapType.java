package weir.config;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;

/**
 * A mapping whose keys are names the user chooses. Immutable.
 *
 * @param names what a name may be
 * @param expected what messages say of the mapping
 */
record MapType<T>(TextType<String> names, Type<T> value, String expected) implements Type<Map<String, T>> {
    @Override
    public boolean takesText() {
        return false;
    }

    @Override
    public @Nullable Map<String, T> read(Node node, String name, Source source) {
        if (!source.admits(node)) {
            return null;
        }
        if (Type.isEmpty(node)) {
            return Map.of();
        }
        if (!(node instanceof MappingNode mapping)) {
            source.problem(source.location(node), name + ": " + Type.kind(node), expected, null);
            return null;
        }
        Map<String, T> values = new LinkedHashMap<>();
        Map<String, Location> first = new LinkedHashMap<>();
        for (Entry entry : Entry.of(mapping, source)) {
            String key = names.parse(entry.key(), name, entry.location(), source);
            Location earlier = key == null ? null : first.putIfAbsent(key, entry.location());
            if (earlier != null) {
                entry.duplicate(earlier, source);
                continue;
            }
            T read = value.read(entry.value(), entry.key(), source);
            if (key != null && read != null) {
                values.put(key, read);
            }
        }
        return values;
    }
}
