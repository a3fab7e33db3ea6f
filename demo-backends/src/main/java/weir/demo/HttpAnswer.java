package weir.demo;

import com.google.gson.JsonObject;
import java.nio.charset.StandardCharsets;

/** An HTTP response: status, type and text. Immutable. */
record HttpAnswer(int status, String contentType, String body) {

    static HttpAnswer text(int status, String body) {
        return new HttpAnswer(status, "text/plain; charset=utf-8", body);
    }

    static HttpAnswer json(int status, String key, Number value) {
        JsonObject object = new JsonObject();
        object.addProperty(key, value);
        return new HttpAnswer(status, "application/json", object.toString());
    }

    static HttpAnswer error(int status, String message) {
        JsonObject object = new JsonObject();
        object.addProperty("error", message);
        return new HttpAnswer(status, "application/json", object.toString());
    }

    byte[] bytes() {
        return body.getBytes(StandardCharsets.UTF_8);
    }
}
