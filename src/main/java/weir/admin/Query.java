package weir.admin;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The parameters of a query string. Immutable. */
record Query(Map<String, List<String>> parameters) {
    /**
     * Parses {@code ?a=1&b=2}, the question mark being optional.
     *
     * @throws IllegalArgumentException when the percent-encoding is wrong
     */
    static Query of(String text) {
        Map<String, List<String>> parameters = new LinkedHashMap<>();
        String pairs = text.startsWith("?") ? text.substring(1) : text;
        for (String pair : pairs.split("&", -1)) {
            if (!pair.isEmpty()) {
                int equals = pair.indexOf('=');
                String name = equals < 0 ? pair : pair.substring(0, equals);
                String value = equals < 0 ? "" : pair.substring(equals + 1);
                parameters
                        .computeIfAbsent(PercentCode.decode(name, true), n -> new ArrayList<>())
                        .add(PercentCode.decode(value, true));
            }
        }
        return new Query(parameters);
    }

    /** The first value of that name, or null. */
    @Nullable
    String first(String name) {
        List<String> values = all(name);
        return values.isEmpty() ? null : values.get(0);
    }

    /** Every value of that name. */
    List<String> all(String name) {
        return parameters.getOrDefault(name, List.of());
    }
}
