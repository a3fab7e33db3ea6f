package weir.admin;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import weir.http.FieldSyntax;

/** A field of a request that is to be explained. Immutable. The name is in lower case. */
public record RequestField(String name, String value) {
    /**
     * Reads {@code name: value} as curl's {@code -H} takes it.
     *
     * @throws IllegalArgumentException when it is no valid field
     */
    public static RequestField of(String text) {
        int colon = text.indexOf(':');
        String name = colon < 0 ? "" : text.substring(0, colon);
        String value = text.substring(colon + 1).strip();
        byte[] n = name.getBytes(StandardCharsets.UTF_8);
        byte[] v = value.getBytes(StandardCharsets.UTF_8);
        if (!FieldSyntax.isToken(n, 0, n.length) || !FieldSyntax.isValue(v, 0, v.length)) {
            throw new IllegalArgumentException("header: " + text + " (expected: name: value)");
        }
        return new RequestField(name.toLowerCase(Locale.ROOT), value);
    }
}
