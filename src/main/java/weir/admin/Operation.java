package weir.admin;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import weir.http.Method;

/**
 * One thing the admin API does. Immutable.
 *
 * @param path segments, those in braces standing for any text: {@code /api/services/{service}}
 * @param does what it does, for the index
 */
record Operation(Method method, String path, Access access, String does, Action action) {
    /** Makes the answer. */
    @FunctionalInterface
    interface Action {
        /**
         * Called on the admin event loop for reads, on the control executor for changes.
         *
         * @throws IllegalArgumentException when what was sent makes no sense, with a message for the caller
         */
        AdminResponse answer(AdminRequest request, Map<String, String> parameters);
    }

    /** The decoded text of each brace, or null when the path is another one. */
    @Nullable
    Map<String, String> match(String requested) {
        List<String> mine = segments(path);
        List<String> theirs = segments(requested);
        if (mine.size() != theirs.size()) {
            return null;
        }
        for (int i = 0; i < mine.size(); i++) {
            if (!parameter(mine.get(i)) && !mine.get(i).equals(theirs.get(i))) {
                return null;
            }
        }
        Map<String, String> parameters = new LinkedHashMap<>();
        for (int i = 0; i < mine.size(); i++) {
            if (parameter(mine.get(i))) {
                String name = mine.get(i).substring(1, mine.get(i).length() - 1);
                parameters.put(name, PercentCode.decode(theirs.get(i), false));
            }
        }
        return parameters;
    }

    /** Whether a request of that method means this operation; HEAD means what GET means. */
    boolean takes(Method requested) {
        return method == requested || (method == Method.GET && requested == Method.HEAD);
    }

    private static List<String> segments(String path) {
        return Arrays.asList(path.split("/", -1));
    }

    private static boolean parameter(String segment) {
        return segment.startsWith("{");
    }
}
