package weir.admin;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/** An answer of the admin API, whole. Immutable. {@code fields} has further fields by their name in lower case. */
record AdminResponse(int status, String contentType, byte[] body, Map<String, String> fields) {
    private static final String JSON = "application/json; charset=utf-8";

    /** A JSON answer from records, maps and lists. */
    static AdminResponse json(int status, Object value) {
        return new AdminResponse(
                status, JSON, (AdminJson.write(value) + '\n').getBytes(StandardCharsets.UTF_8), Map.of());
    }

    /** A refusal: {@code {"status": 404, "error": "…"}}. */
    static AdminResponse error(int status, String why) {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("status", status);
        body.put("error", why);
        return json(status, body);
    }

    /** A text answer. */
    static AdminResponse text(int status, String contentType, byte[] body) {
        return new AdminResponse(status, contentType, body, Map.of());
    }

    /** The same answer with one more field. */
    AdminResponse with(String name, String value) {
        Map<String, String> more = new LinkedHashMap<>(fields);
        more.put(name, value);
        return new AdminResponse(status, contentType, body, more);
    }
}
