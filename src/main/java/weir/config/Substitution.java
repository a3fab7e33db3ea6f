package weir.config;

import java.util.Map;

/**
 * Puts environment variables into a text: {@code ${NAME}} and {@code ${NAME:default}}; {@code $${} stands for
 * {@code ${} itself. The default counts only when the variable is unset. Immutable.
 */
final class Substitution {
    /** What JSON Schema says of a text that holds a variable. */
    static final String PATTERN = "\\$\\{[A-Za-z_][A-Za-z0-9_]*(:[^}]*)?\\}";

    private final Map<String, String> environment;

    Substitution(Map<String, String> environment) {
        this.environment = environment;
    }

    String apply(String text) throws InvalidText {
        int dollar = text.indexOf("${");
        if (dollar < 0) {
            return text;
        }
        StringBuilder result = new StringBuilder(text.length() + 32);
        int from = 0;
        while (dollar >= 0) {
            if (dollar > from && text.charAt(dollar - 1) == '$') {
                result.append(text, from, dollar - 1).append("${");
                from = dollar + 2;
            } else {
                int end = text.indexOf('}', dollar);
                if (end < 0) {
                    throw wrong("${ without }");
                }
                result.append(text, from, dollar).append(value(text.substring(dollar + 2, end)));
                from = end + 1;
            }
            dollar = text.indexOf("${", from);
        }
        return result.append(text, from, text.length()).toString();
    }

    private String value(String variable) throws InvalidText {
        int colon = variable.indexOf(':');
        String name = colon < 0 ? variable : variable.substring(0, colon);
        if (!isName(name)) {
            throw wrong("${" + Problem.shown(variable) + "}: not a variable name");
        }
        if (variable.contains("${")) {
            throw wrong("${" + Problem.shown(variable) + "}: a default cannot hold a variable");
        }
        String value = environment.get(name);
        if (value != null) {
            return value;
        }
        if (colon < 0) {
            throw new InvalidText(
                    "${" + Problem.shown(name) + "}: environment variable is not set",
                    "a set variable, or a default as in ${" + Problem.shown(name) + ":default}",
                    null);
        }
        return variable.substring(colon + 1);
    }

    private static InvalidText wrong(String detail) {
        return new InvalidText(detail, "${NAME}, ${NAME:default}, or $${ for the characters ${", null);
    }

    private static boolean isName(String name) {
        if (name.isEmpty() || Character.isDigit(name.charAt(0))) {
            return false;
        }
        return name.chars()
                .allMatch(c -> c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9');
    }
}
