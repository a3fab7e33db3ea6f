package weir.demo;

import com.sun.net.httpserver.HttpExchange;
import java.net.URI;
import org.jspecify.annotations.Nullable;

/**
 * The <em>hello</em> backend: {@code /Ada} is greeted, {@code /error} is a 500, {@code /slow?ms=200} takes its time.
 * Thread-safe.
 */
final class Hello implements HttpService {
    private static final int MAX_DELAY_MILLIS = 60_000;
    private static final int DEFAULT_DELAY_MILLIS = 1_000;

    @Override
    public HttpAnswer answer(HttpExchange exchange) {
        URI uri = exchange.getRequestURI();
        String path = uri.getPath();
        if (path == null || path.isEmpty() || path.equals("/")) {
            return greet("world");
        }
        return switch (path) {
            case "/error" -> HttpAnswer.text(500, "This error is on purpose.");
            case "/slow" -> slow(Query.parse(uri.getRawQuery()).get("ms"));
            default -> greet(path.substring(1));
        };
    }

    /** Text that came from a stranger is shown, but not its control characters. */
    private static HttpAnswer greet(String who) {
        return HttpAnswer.text(200, "Hello, " + who.replaceAll("\\p{Cntrl}", "\uFFFD") + "!");
    }

    private static HttpAnswer slow(@Nullable String text) {
        int millis = DEFAULT_DELAY_MILLIS;
        if (text != null) {
            if (!text.matches("[0-9]{1,5}") || Integer.parseInt(text) > MAX_DELAY_MILLIS) {
                return HttpAnswer.text(400, "ms: expected 0 to " + MAX_DELAY_MILLIS);
            }
            millis = Integer.parseInt(text);
        }
        try {
            Thread.sleep(millis);
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
            return HttpAnswer.text(503, "stopping");
        }
        return HttpAnswer.text(200, "Slept for " + millis + " ms.");
    }
}
