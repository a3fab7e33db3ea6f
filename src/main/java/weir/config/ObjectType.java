package weir.config;

import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.ScalarNode;

/**
 * A mapping with known keys. Immutable.
 *
 * @param expected what messages say of it
 * @param notYet keys that the design names and nothing reads yet
 * @param shortForm the key that one scalar in place of the mapping stands for; null for no short form
 * @param alternatives keys of which exactly one must be written; empty for none such
 * @param builder makes the value of what was read; called only when every required key has a value
 */
record ObjectType<T>(
        String expected,
        List<Key<?>> keys,
        Set<String> notYet,
        @Nullable Key<?> shortForm,
        List<Key<?>> alternatives,
        Function<Section, @Nullable T> builder)
        implements Type<T> {

    static <T> ObjectType<T> of(String expected, List<Key<?>> keys, Function<Section, @Nullable T> builder) {
        return new ObjectType<>(expected, keys, Set.of(), null, List.of(), builder);
    }

    ObjectType<T> withShortForm(Key<?> key) {
        return new ObjectType<>(expected, keys, notYet, key, alternatives, builder);
    }

    ObjectType<T> withoutYet(String... names) {
        return new ObjectType<>(expected, keys, Set.of(names), shortForm, alternatives, builder);
    }

    ObjectType<T> withOneOf(Key<?>... names) {
        return new ObjectType<>(expected, keys, notYet, shortForm, List.of(names), builder);
    }

    @Override
    public boolean takesText() {
        return shortForm != null;
    }

    @Override
    public @Nullable T read(Node node, String name, Source source) {
        if (!source.admits(node)) {
            return null;
        }
        Map<Key<?>, Section.Item> items = new IdentityHashMap<>();
        boolean complete = true;
        if (node instanceof MappingNode mapping) {
            complete = readEntries(mapping, items, source);
        } else if (shortForm != null && node instanceof ScalarNode && !Type.isEmpty(node)) {
            complete = readKey(shortForm, node, source.location(node), items, source);
        } else if (shortForm != null || !Type.isEmpty(node)) {
            source.problem(source.location(node), name + ": " + Type.kind(node), expected, null);
            return null;
        }
        boolean unfinished = node instanceof MappingNode mapping && hasNotYet(mapping);
        complete &= unfinished || hasRequired(node, items, source);
        return complete && hasValues(items)
                ? builder.apply(new Section(name, source.location(node), unfinished, items, source))
                : null;
    }

    private boolean hasNotYet(MappingNode mapping) {
        return !notYet.isEmpty()
                && mapping.getValue().stream()
                        .anyMatch(tuple ->
                                tuple.getKeyNode() instanceof ScalarNode key && notYet.contains(key.getValue()));
    }

    /** Whether every required key is written or can do without; of the others the source has a problem. */
    private boolean hasRequired(Node node, Map<Key<?>, Section.Item> items, Source source) {
        boolean all = true;
        for (Key<?> key : keys) {
            if (key.required() && !items.containsKey(key)) {
                source.problem(
                        source.location(node),
                        key.name() + ": missing",
                        key.type().expected(),
                        null);
                all &= key.missing() != null;
            }
        }
        return all && hasOneAlternative(node, items, source);
    }

    private boolean hasOneAlternative(Node node, Map<Key<?>, Section.Item> items, Source source) {
        List<Key<?>> written = alternatives.stream().filter(items::containsKey).toList();
        if (written.isEmpty() && !alternatives.isEmpty()) {
            source.problem(
                    source.location(node),
                    alternatives.get(0).name() + ": missing",
                    String.join(
                            ", or ",
                            alternatives.stream().map(ObjectType::named).toList()),
                    null);
        }
        for (Key<?> key : written.subList(Math.min(1, written.size()), written.size())) {
            source.problem(
                    items.get(key).keyAt(),
                    key.name() + ": beside " + written.get(0).name(),
                    "one of "
                            + String.join(
                                    " and ",
                                    alternatives.stream().map(Key::name).toList()),
                    null);
        }
        return true;
    }

    private static String named(Key<?> key) {
        return key.name() + ": " + key.type().expected();
    }

    private boolean hasValues(Map<Key<?>, Section.Item> items) {
        return keys.stream().allMatch(key -> !key.required() || key.missing() != null || items.containsKey(key));
    }

    private boolean readEntries(MappingNode mapping, Map<Key<?>, Section.Item> items, Source source) {
        boolean complete = true;
        Map<String, Location> first = new LinkedHashMap<>();
        for (Entry entry : Entry.of(mapping, source)) {
            Location earlier = first.putIfAbsent(entry.key(), entry.location());
            Key<?> key = key(entry.key());
            if (earlier != null) {
                entry.duplicate(earlier, source);
            } else if (key != null) {
                complete &= readKey(key, entry.value(), entry.location(), items, source);
            } else if (notYet.contains(entry.key())) {
                source.problem(entry.location(), entry.key() + ": not supported yet", null, null);
            } else {
                List<String> known = keys.stream().map(Key::name).toList();
                source.problem(
                        entry.location(),
                        "unknown key: " + Problem.shown(entry.key()),
                        Problem.oneOf(known),
                        Suggestion.nearest(entry.key(), known));
            }
        }
        return complete;
    }

    /** Reads one value; false when the mapping cannot be built without it. */
    private static boolean readKey(
            Key<?> key, Node node, Location keyAt, Map<Key<?>, Section.Item> items, Source source) {
        if (key.nullable() && Type.isNull(node)) {
            return true;
        }
        Object value = key.type().read(node, key.name(), source);
        items.put(key, new Section.Item(node, keyAt, value));
        return value != null || !key.required() || key.missing() != null;
    }

    private @Nullable Key<?> key(String name) {
        for (Key<?> key : keys) {
            if (key.name().equals(name)) {
                return key;
            }
        }
        return null;
    }
}
