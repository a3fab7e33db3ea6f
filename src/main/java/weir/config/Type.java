package weir.config;

import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.ScalarNode;

/**
 * What a value of the configuration may be. The types of all keys together are the one description of the file's
 * shape: the reader reads by them and {@link Schema} is written from them. Immutable.
 */
sealed interface Type<T> permits TextType, ListType, MapType, ObjectType {
    /**
     * Reads the value; problems go to the source.
     *
     * @param name what messages call the value: its key
     * @return null when it cannot be read; the source then has a problem
     */
    @Nullable
    T read(Node node, String name, Source source);

    /** What messages say a value should be. */
    String expected();

    /** Whether one scalar may stand for the whole value. */
    boolean takesText();

    /** Nothing stands after the key. */
    static boolean isEmpty(Node node) {
        return node instanceof ScalarNode scalar
                && scalar.isPlain()
                && scalar.getValue().isEmpty();
    }

    /** An unquoted {@code null} or {@code ~}: the optional value is not there. */
    static boolean isNull(Node node) {
        return node instanceof ScalarNode scalar
                && scalar.isPlain()
                && (scalar.getValue().equals("null") || scalar.getValue().equals("~"));
    }

    static String kind(Node node) {
        return switch (node.getNodeId()) {
            case mapping -> "a mapping";
            case sequence -> "a list";
            default -> isEmpty(node) ? "no value" : Problem.shown(((ScalarNode) node).getValue());
        };
    }
}
