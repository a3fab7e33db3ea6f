package weir.testing;

import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Reads fields out of the text of a head. Thread-safe. */
public final class RawHead {
    private RawHead() {}

    /** Every value of a field, in order. */
    public static List<String> values(String head, String name) {
        String prefix = name.toLowerCase(Locale.ROOT) + ":";
        return head.lines()
                .skip(1)
                .filter(line -> line.toLowerCase(Locale.ROOT).startsWith(prefix))
                .map(line -> line.substring(prefix.length()).strip())
                .toList();
    }

    /** The only value of a field; null when there is none. */
    public static @Nullable String value(String head, String name) {
        List<String> all = values(head, name);
        if (all.size() > 1) {
            throw new AssertionError(name + " stands more than once: " + head);
        }
        return all.isEmpty() ? null : all.get(0);
    }

    /** The target of a request. */
    public static String target(String head) {
        return head.split(" ", 3)[1];
    }
}
