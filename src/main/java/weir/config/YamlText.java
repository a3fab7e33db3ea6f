package weir.config;

import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.composer.Composer;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.parser.ParserImpl;
import org.yaml.snakeyaml.reader.ReaderException;
import org.yaml.snakeyaml.reader.StreamReader;
import org.yaml.snakeyaml.resolver.Resolver;

/** Turns YAML into nodes that know where they stand. */
final class YamlText {
    private static final int DEEPEST = 32;
    private static final int MOST_ALIASES = 10_000;

    private YamlText() {}

    /** The root of the one document in the text; null when it is empty, or not YAML: then the source has a problem. */
    static @Nullable Node compose(String text, Source source) {
        String body = text.startsWith("\ufeff") ? text.substring(1) : text;
        LoaderOptions options = new LoaderOptions();
        options.setNestingDepthLimit(DEEPEST);
        options.setMaxAliasesForCollections(MOST_ALIASES);
        options.setCodePointLimit(Integer.MAX_VALUE);
        options.setTagInspector(tag -> true);
        StreamReader reader = new StreamReader(body);
        ParserImpl parser = new ParserImpl(reader, options);
        try {
            return new Composer(parser, new Resolver(), options).getSingleNode();
        } catch (MarkedYAMLException e) {
            report(e, source);
        } catch (ReaderException e) {
            reportCharacter(e, body, source);
        } catch (YAMLException e) {
            reportLimit(e, parser, reader, source);
        } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
            // Escapes and directives that no character or number stands for get past SnakeYAML's own checks.
            source.problem(source.location(reader.getMark()), "not YAML", "YAML 1.1", null);
        }
        return null;
    }

    private static void report(MarkedYAMLException e, Source source) {
        Mark mark = e.getProblemMark();
        Mark start = e.getContextMark();
        StringBuilder message = new StringBuilder();
        if (e.getContext() != null) {
            message.append(sentence(e.getContext()));
            if (start != null && mark != null && start.getIndex() != mark.getIndex()) {
                message.append(" from line ").append(start.getLine() + 1);
                message.append(", column ").append(start.getColumn() + 1);
            }
            message.append(": ");
        }
        message.append(e.getProblem() == null ? "not YAML" : sentence(e.getProblem()));
        source.problem(source.location(mark != null ? mark : start), message.toString(), null, null);
    }

    private static void reportLimit(YAMLException e, ParserImpl parser, StreamReader reader, Source source) {
        Mark mark;
        try {
            mark = parser.peekEvent().getStartMark();
        } catch (YAMLException next) {
            mark = reader.getMark();
        }
        boolean deep = e.getMessage().startsWith("Nesting Depth");
        source.problem(
                source.location(mark),
                deep ? "nested too deep" : sentence(e.getMessage()),
                deep ? "at most " + DEEPEST + " levels" : null,
                null);
    }

    private static void reportCharacter(ReaderException e, String text, Source source) {
        int position = Math.min(e.getPosition(), text.codePointCount(0, text.length()));
        String before = text.substring(0, text.offsetByCodePoints(0, position));
        int lineStart = before.lastIndexOf('\n') + 1;
        source.problem(
                source.at(
                        (int) before.chars().filter(c -> c == '\n').count() + 1,
                        before.codePointCount(lineStart, before.length()) + 1),
                String.format("character U+%04X is not allowed", e.getCodePoint()),
                "text without control characters",
                null);
    }

    /** SnakeYAML's words, as the middle of a line. */
    private static String sentence(String message) {
        String line = message.strip().replace("\n", ", ");
        return line.isEmpty() ? "not YAML" : line.substring(0, 1).toLowerCase(Locale.ROOT) + line.substring(1);
    }
}
