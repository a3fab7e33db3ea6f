package weir.config;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.nodes.CollectionNode;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.ScalarNode;

/**
 * A mapping as it was read: the value of each key, and where it stands. Confined to the thread that reads.
 *
 * @param name the key the mapping stands under
 * @param unfinished a key is written that nothing reads yet, so what is missing may be meant by it
 */
record Section(String name, Location location, boolean unfinished, Map<Key<?>, Item> items, Source source) {
    /**
     * A key that is written.
     *
     * @param value null when it could not be read
     */
    record Item(Node node, Location keyAt, @Nullable Object value) {}

    /** The value, or the default when it is not written or could not be read. */
    <T> T get(Key<T> key) {
        return Objects.requireNonNull(find(key), key.name());
    }

    /** The value, or the default, or null. */
    @SuppressWarnings("unchecked")
    <T> @Nullable T find(Key<T> key) {
        Item item = items.get(key);
        return item == null || item.value() == null ? key.missing() : (T) item.value();
    }

    /** Whether the key is written, readable or not. */
    boolean has(Key<?> key) {
        return items.containsKey(key);
    }

    /** Whether the key is written and its value could not be read. */
    boolean failed(Key<?> key) {
        Item item = items.get(key);
        return item != null && item.value() == null;
    }

    /** Whether the key is written, and what stands there is nothing, or a list or mapping of nothing. */
    boolean isEmpty(Key<?> key) {
        Item item = items.get(key);
        return item != null
                && (Type.isEmpty(item.node())
                        || item.node() instanceof CollectionNode<?> collection
                                && collection.getValue().isEmpty());
    }

    /** Where the value stands; the mapping itself when it is not written. */
    Location at(Key<?> key) {
        Item item = items.get(key);
        return item == null ? location : source.location(item.node());
    }

    /** Where the key stands; the mapping itself when it is not written. */
    Location keyAt(Key<?> key) {
        Item item = items.get(key);
        return item == null ? location : item.keyAt();
    }

    /** The names under a key whose value is a mapping, those that could not be read included. */
    Map<String, Location> names(Key<?> key) {
        Map<String, Location> names = new LinkedHashMap<>();
        Item item = items.get(key);
        if (item != null && item.node() instanceof MappingNode mapping) {
            mapping.getValue().forEach(tuple -> {
                if (tuple.getKeyNode() instanceof ScalarNode scalar) {
                    names.putIfAbsent(scalar.getValue(), source.location(scalar));
                }
            });
        }
        return names;
    }

    void problem(Location at, String message, @Nullable String expected) {
        source.problem(at, message, expected, null);
    }
}
