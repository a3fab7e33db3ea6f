package weir.metrics;

/**
 * The name of a series as registry and Prometheus text have it: {@code family{label="value",…}} with backslash, quote
 * and line end escaped in values.
 */
public final class SeriesName {
    private SeriesName() {}

    /** The name with its labels: name, value, name, value. */
    public static String of(String family, String... labels) {
        if (labels.length == 0) {
            return family;
        }
        StringBuilder name = new StringBuilder(family.length() + 32 * labels.length).append(family);
        appendLabels(name, labels);
        return name.toString();
    }

    /** Appends the labels in braces; nothing when there are none. */
    public static void appendLabels(StringBuilder to, String... labels) {
        if (labels.length == 0) {
            return;
        }
        if (labels.length % 2 != 0) {
            throw new IllegalArgumentException("labels: " + labels.length + " strings (expected: name, value, …)");
        }
        char separator = '{';
        for (int i = 0; i < labels.length; i += 2) {
            to.append(separator).append(labels[i]).append("=\"");
            appendEscaped(to, labels[i + 1]);
            to.append('"');
            separator = ',';
        }
        to.append('}');
    }

    /** The family in a name with or without labels. */
    public static String family(String name) {
        int brace = name.indexOf('{');
        return brace < 0 ? name : name.substring(0, brace);
    }

    /** The labels in a name without the braces around them; empty when there are none. */
    public static String labels(String name) {
        int brace = name.indexOf('{');
        return brace < 0 ? "" : name.substring(brace + 1, name.length() - 1);
    }

    private static void appendEscaped(StringBuilder to, String value) {
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            switch (c) {
                case '\\' -> to.append("\\\\");
                case '"' -> to.append("\\\"");
                case '\n' -> to.append("\\n");
                default -> to.append(c);
            }
        }
    }
}
