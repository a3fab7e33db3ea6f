package weir.proxy;

import java.nio.charset.StandardCharsets;
import java.util.Map;

/** What a client reads when a request fails: the status and its name, nothing of the inside. Immutable. */
final class ErrorBodies {
    private static final Map<Integer, byte[]> BODIES = Map.ofEntries(
            entry(400, "Bad Request"),
            entry(404, "Not Found"),
            entry(405, "Method Not Allowed"),
            entry(408, "Request Timeout"),
            entry(413, "Content Too Large"),
            entry(414, "URI Too Long"),
            entry(417, "Expectation Failed"),
            entry(421, "Misdirected Request"),
            entry(431, "Request Header Fields Too Large"),
            entry(500, "Internal Server Error"),
            entry(501, "Not Implemented"),
            entry(502, "Bad Gateway"),
            entry(503, "Service Unavailable"),
            entry(504, "Gateway Timeout"),
            entry(505, "HTTP Version Not Supported"));

    private ErrorBodies() {}

    static byte[] of(int status) {
        byte[] body = BODIES.get(status);
        return body != null ? body : text(status, "Error");
    }

    private static Map.Entry<Integer, byte[]> entry(int status, String name) {
        return Map.entry(status, text(status, name));
    }

    private static byte[] text(int status, String name) {
        return (status + " " + name + '\n').getBytes(StandardCharsets.US_ASCII);
    }
}
