package weir.config;

import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.ScalarNode;

/**
 * A value written as one scalar, always read as text. Immutable.
 *
 * @param name how the schema calls the type
 * @param expected what messages say of it
 * @param secret the text may be one, so messages do not repeat it
 * @param parser the meaning of the text
 * @param format the text of a value, for defaults
 * @param schema what JSON Schema says of the text, substitution aside
 */
record TextType<T>(
        String name,
        String expected,
        boolean secret,
        Parser<T> parser,
        Function<T, String> format,
        Map<String, Object> schema)
        implements Type<T> {

    /** Gives a text its meaning. */
    @FunctionalInterface
    interface Parser<T> {
        T parse(String text) throws InvalidText;
    }

    static <T> TextType<T> of(
            String name, String expected, Parser<T> parser, Function<T, String> format, Map<String, Object> schema) {
        return new TextType<>(name, expected, false, parser, format, schema);
    }

    /** A type whose JSON form is any string. */
    static TextType<String> of(String name, String expected, Parser<String> parser) {
        return of(name, expected, parser, text -> text, Map.of("type", "string"));
    }

    @Override
    public boolean takesText() {
        return true;
    }

    @Override
    public @Nullable T read(Node node, String key, Source source) {
        if (!source.admits(node)) {
            return null;
        }
        if (!(node instanceof ScalarNode scalar) || Type.isEmpty(node)) {
            source.problem(source.location(node), key + ": " + Type.kind(node), expected, null);
            return null;
        }
        String text;
        try {
            text = source.substitution().apply(scalar.getValue());
        } catch (InvalidText e) {
            source.problem(source.location(node), key + ": " + e.detail(), e.expected(), null);
            return null;
        }
        return parse(text, key, source.location(node), source);
    }

    /** Parses a text that stands at the location; a problem goes to the source. */
    @Nullable
    T parse(String text, String key, Location location, Source source) {
        try {
            return parser.parse(text);
        } catch (InvalidText e) {
            StringBuilder message = new StringBuilder(Problem.shown(key));
            message.append(": ").append(secret ? "bad value" : Problem.shown(text));
            if (!e.detail().isEmpty()) {
                message.append(": ").append(e.detail());
            }
            source.problem(
                    location, message.toString(), e.expected() != null ? e.expected() : expected, e.suggestion());
            return null;
        }
    }
}
