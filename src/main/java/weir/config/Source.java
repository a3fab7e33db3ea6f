package weir.config;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.Tag;

/**
 * The text being read and what was found wrong in it so far. Confined to the thread that reads.
 *
 * <p>Aliases let a small file stand for a huge one, so the values looked at are counted and the problems kept are
 * few enough for memory, many enough for any human.
 */
final class Source {
    static final int MOST_VALUES = 2_000_000;
    static final int MOST_PROBLEMS = 1_000;

    private static final Set<Tag> PLAIN_TAGS =
            Set.of(Tag.STR, Tag.INT, Tag.FLOAT, Tag.BOOL, Tag.NULL, Tag.TIMESTAMP, Tag.MERGE, Tag.MAP, Tag.SEQ);

    private final String file;
    private final Path baseDirectory;
    private final Map<String, String> environment;
    private final Substitution substitution;
    private final List<Problem> problems = new ArrayList<>();
    private int values;
    private int unkept;

    Source(String file, Path baseDirectory, Map<String, String> environment) {
        this.file = file;
        this.baseDirectory = baseDirectory;
        this.environment = environment;
        this.substitution = new Substitution(environment);
    }

    Map<String, String> environment() {
        return environment;
    }

    Substitution substitution() {
        return substitution;
    }

    /** A path as written, relative ones resolved against the configuration file. */
    String resolve(String path) {
        return baseDirectory.resolve(path).normalize().toString();
    }

    Location location(Node node) {
        return location(node.getStartMark());
    }

    Location location(@Nullable Mark mark) {
        return mark == null ? new Location(file, 1, 1) : at(mark.getLine() + 1, mark.getColumn() + 1);
    }

    Location at(int line, int column) {
        return new Location(file, line, column);
    }

    /** Whether a further problem would be told, so that a suggestion for it is worth the search. */
    boolean keepsMore() {
        return problems.size() < MOST_PROBLEMS;
    }

    void problem(Location location, String message, @Nullable String expected, @Nullable String suggestion) {
        if (keepsMore()) {
            problems.add(new Problem(location, message, expected, suggestion));
        } else {
            unkept++;
        }
    }

    /** Counts one more value; false when there are too many to go on, or when it has a tag of its own. */
    boolean admits(Node node) {
        if (!PLAIN_TAGS.contains(node.getTag())) {
            problem(location(node), "tag " + Problem.shown(node.getTag().getValue()), "a value without a tag", null);
            return false;
        }
        if (++values == MOST_VALUES) {
            problem(location(node), "too many values", "at most " + MOST_VALUES + ", aliases written out", null);
        }
        return values < MOST_VALUES;
    }

    /** All problems in the order of the file. One that an alias repeats is told once. */
    List<Problem> problems() {
        List<Problem> sorted = new ArrayList<>(problems.stream()
                .distinct()
                .sorted(Comparator.comparingInt((Problem p) -> p.location().line())
                        .thenComparingInt(p -> p.location().column()))
                .toList());
        if (unkept > 0) {
            sorted.add(new Problem(sorted.get(sorted.size() - 1).location(), unkept + " more problems", null, null));
        }
        return sorted;
    }
}
