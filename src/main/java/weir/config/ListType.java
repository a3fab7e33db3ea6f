package weir.config;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;

/**
 * A list; where an element is a scalar, one scalar is the list of it. Immutable.
 *
 * @param expected what messages say of it
 */
record ListType<T>(Type<T> element, String expected) implements Type<List<T>> {
    @Override
    public boolean takesText() {
        return element.takesText();
    }

    @Override
    public @Nullable List<T> read(Node node, String name, Source source) {
        if (!source.admits(node)) {
            return null;
        }
        if (Type.isEmpty(node)) {
            return List.of();
        }
        List<T> values = new ArrayList<>();
        if (node instanceof SequenceNode sequence) {
            for (Node item : sequence.getValue()) {
                add(values, element.read(item, name, source));
            }
        } else if (node instanceof ScalarNode && element.takesText()) {
            add(values, element.read(node, name, source));
        } else {
            source.problem(source.location(node), name + ": " + Type.kind(node), expected, null);
            return null;
        }
        return values;
    }

    private static <T> void add(List<T> values, @Nullable T value) {
        if (value != null) {
            values.add(value);
        }
    }
}
