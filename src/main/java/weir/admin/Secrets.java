package weir.admin;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Takes out of a JSON tree what nobody should read from a screen: values whose key says that they are secret, and
 * passwords in URLs. Names of files that hold secrets stay. Immutable.
 */
public final class Secrets {
    private static final String MASK = "***";
    private static final Set<String> NAMES = Set.of("authorization", "proxy-authorization", "cookie", "set-cookie");
    private static final List<String> PARTS = List.of(
            "secret", "password", "passwd", "token", "api-key", "apikey", "credential", "private-key", "signature");
    private static final Pattern USER = Pattern.compile("://[^/@\\s]+@");

    private Secrets() {}

    /** The tree without them; the argument is changed. */
    static JsonElement masked(JsonElement tree) {
        if (tree instanceof JsonObject object) {
            for (Map.Entry<String, JsonElement> e : object.entrySet()) {
                JsonElement value = e.getValue();
                boolean hidden = hides(e.getKey()) && value.isJsonPrimitive();
                e.setValue(hidden ? new JsonPrimitive(MASK) : masked(value));
            }
        } else if (tree instanceof JsonArray array) {
            for (int i = 0; i < array.size(); i++) {
                array.set(i, masked(array.get(i)));
            }
        } else if (tree instanceof JsonPrimitive p && p.isString()) {
            return new JsonPrimitive(USER.matcher(p.getAsString()).replaceAll("://" + MASK + "@"));
        }
        return tree;
    }

    /** Whether the value of a key, field or variable of that name is not to be shown. */
    public static boolean hides(String key) {
        String name = key.toLowerCase(Locale.ROOT);
        if (name.endsWith("-file")) {
            return false;
        }
        return NAMES.contains(name) || PARTS.stream().anyMatch(name::contains);
    }
}
