package weir.route;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import weir.config.Location;
import weir.config.RouteConfig.Respond;
import weir.http.ResponseHead;

/**
 * The answer of a route that leads to no service. A body without a content type is {@code text/plain} in UTF-8.
 * Immutable.
 */
public final class FixedResponse {
    private final int status;
    private final byte[] body;
    private final FieldEdits fields;

    private FixedResponse(int status, byte[] body, FieldEdits fields) {
        this.status = status;
        this.body = body;
        this.fields = fields;
    }

    /** The answer of a route; an {@link IllegalArgumentException} says what is wrong with it. */
    static FixedResponse of(Respond respond, Location location) {
        int status = respond.status();
        if (status < 200 || status > 599) {
            throw new IllegalArgumentException(location + ": status: " + status + " (expected: 200 to 599)");
        }
        boolean bodiless = status == 204 || status == 304;
        if (bodiless && !respond.body().isEmpty()) {
            throw new IllegalArgumentException(location + ": body (expected: none with status " + status + ')');
        }
        Map<String, String> fields = new LinkedHashMap<>();
        respond.headers().forEach((name, value) -> fields.put(name.toLowerCase(Locale.ROOT), value));
        if (!respond.body().isEmpty()) {
            fields.putIfAbsent("content-type", "text/plain; charset=utf-8");
        }
        byte[] body = respond.body().getBytes(StandardCharsets.UTF_8);
        return new FixedResponse(status, body, FieldEdits.setting(fields, location));
    }

    /** The status. */
    public int status() {
        return status;
    }

    /** The body; empty for none, not to be changed. Not to be sent in answer to HEAD. */
    public byte[] body() {
        return body;
    }

    /** Writes status, length and fields into a cleared head. */
    public void fill(ResponseHead head) {
        head.status(status);
        head.contentLength(body.length);
        fields.apply(head.fields());
    }
}
