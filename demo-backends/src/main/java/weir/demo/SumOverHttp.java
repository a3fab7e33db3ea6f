package weir.demo;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.io.StringReader;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * The <em>sum</em> backend as JSON over HTTP: {@code GET /sum?a=1&b=2}, or {@code POST /sum} with
 * {@code {"a":1,"b":2}}, gives {@code {"result":3}}. What is no 64-bit integer, or sums to none, is a 400 that says
 * why. Thread-safe.
 */
final class SumOverHttp implements HttpService {
    private static final int MAX_BODY_BYTES = 64 * 1024;
    private static final int MAX_SHOWN = 40;

    @Override
    public HttpAnswer answer(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getRawPath();
        if (path == null || !path.equals("/sum")) {
            return HttpAnswer.error(404, "not found (expected: /sum)");
        }
        try {
            return switch (exchange.getRequestMethod()) {
                case "GET", "HEAD" -> sum(Query.parse(exchange.getRequestURI().getRawQuery()));
                case "POST" -> post(exchange);
                default -> {
                    exchange.getResponseHeaders().set("allow", "GET, HEAD, POST");
                    yield HttpAnswer.error(405, "method not allowed (expected: GET or POST)");
                }
            };
        } catch (IllegalArgumentException | ArithmeticException wrong) {
            return HttpAnswer.error(400, String.valueOf(wrong.getMessage()));
        }
    }

    private static HttpAnswer post(HttpExchange exchange) throws IOException {
        byte[] body = exchange.getRequestBody().readNBytes(MAX_BODY_BYTES + 1);
        if (body.length > MAX_BODY_BYTES) {
            return HttpAnswer.error(413, "body is too large (expected: at most " + MAX_BODY_BYTES + " bytes)");
        }
        JsonObject object = object(new String(body, StandardCharsets.UTF_8));
        return sum(number("a", object.get("a")), number("b", object.get("b")));
    }

    private static HttpAnswer sum(Query query) {
        return sum(number("a", query.get("a")), number("b", query.get("b")));
    }

    private static HttpAnswer sum(long a, long b) {
        return HttpAnswer.json(200, "result", Sum.of(a, b));
    }

    private static JsonObject object(String text) {
        JsonReader reader = new JsonReader(new StringReader(text));
        reader.setStrictness(Strictness.STRICT);
        try {
            JsonElement element = JsonParser.parseReader(reader);
            if (element.isJsonObject() && reader.peek() == com.google.gson.stream.JsonToken.END_DOCUMENT) {
                return element.getAsJsonObject();
            }
        } catch (JsonParseException | IOException | IllegalStateException | StackOverflowError notJson) {
            // Told below: the parser's own words would not help the caller.
        }
        throw new IllegalArgumentException("body is no JSON object (expected: {\"a\":1,\"b\":2})");
    }

    private static long number(String name, @Nullable JsonElement element) {
        if (element == null) {
            throw new IllegalArgumentException(name + " is missing");
        }
        if (!element.isJsonPrimitive() || !element.getAsJsonPrimitive().isNumber()) {
            throw notANumber(name, element.toString());
        }
        return number(name, element.getAsString());
    }

    private static long number(String name, @Nullable String text) {
        if (text == null) {
            throw new IllegalArgumentException(name + " is missing");
        }
        if (!text.matches("[+-]?[0-9]{1,1000}")) {
            throw notANumber(name, text);
        }
        try {
            return new BigInteger(text).longValueExact();
        } catch (ArithmeticException large) {
            throw new IllegalArgumentException(name + " is beyond 64 bits: " + shortened(text), large);
        }
    }

    private static IllegalArgumentException notANumber(String name, String text) {
        return new IllegalArgumentException(name + " is no whole number: " + shortened(text));
    }

    private static String shortened(String text) {
        return text.length() <= MAX_SHOWN ? text : text.substring(0, MAX_SHOWN) + "…";
    }
}
