package weir.config;

import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One thing that is wrong in a configuration file. Immutable.
 *
 * @param location the key or value that is wrong
 * @param message what was found, in the form {@code weight: -1}
 * @param expected what would be right; null where the message says it all
 * @param suggestion what was probably meant; null for no idea
 */
public record Problem(
        Location location,
        String message,
        @Nullable String expected,
        @Nullable String suggestion) {
    public Problem {
        message = printable(message);
        expected = expected == null ? null : printable(expected);
        suggestion = suggestion == null ? null : printable(suggestion);
    }

    /** One line: {@code file:line:column: message (expected: …; did you mean …?)}. */
    @Override
    public String toString() {
        StringBuilder line =
                new StringBuilder(printable(location.toString())).append(": ").append(message);
        if (expected != null) {
            line.append(" (expected: ").append(expected);
        }
        if (suggestion != null) {
            line.append(expected == null ? " (" : "; ")
                    .append("did you mean ")
                    .append(suggestion)
                    .append('?');
        }
        return line.append(expected == null && suggestion == null ? "" : ")").toString();
    }

    /** The text of a file as a message may show it: not too long. */
    static String shown(String text) {
        if (text.isEmpty()) {
            return "\"\"";
        }
        return text.codePointCount(0, text.length()) <= 80
                ? text
                : text.substring(0, text.offsetByCodePoints(0, 77)) + "...";
    }

    /** A choice as a message names it: {@code a, b or c}. */
    static String oneOf(Collection<String> words) {
        List<String> all = words.stream().map(Problem::shown).toList();
        int last = all.size() - 1;
        return last <= 0 ? String.join("", all) : String.join(", ", all.subList(0, last)) + " or " + all.get(last);
    }

    /** A problem is one line, and the text of a file must not steer the reader's terminal. */
    private static String printable(String text) {
        if (text.codePoints().noneMatch(Problem::unprintable)) {
            return text;
        }
        StringBuilder safe = new StringBuilder(text.length() + 16);
        text.codePoints().forEach(c -> {
            if (c == '\n') {
                safe.append("\\n");
            } else if (c == '\t') {
                safe.append("\\t");
            } else if (unprintable(c)) {
                safe.append("\\u").append(Integer.toHexString(0x10000 | c & 0xffff), 1, 5);
            } else {
                safe.appendCodePoint(c);
            }
        });
        return safe.toString();
    }

    private static boolean unprintable(int c) {
        int type = Character.getType(c);
        return type == Character.CONTROL
                || type == Character.FORMAT
                || type == Character.SURROGATE
                || type == Character.LINE_SEPARATOR
                || type == Character.PARAGRAPH_SEPARATOR;
    }
}
