package weir.route;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import weir.http.Fields;
import weir.http.KnownField;
import weir.http.RequestHead;
import weir.http.Span;

/** Makes the head of a request that nobody sent, as the parser would leave it. Stateless. */
final class RequestSketch {
    private static final byte[] WEBSOCKET = bytes("websocket");

    private RequestSketch() {}

    static RequestHead head(String method, String host, String path, List<Map.Entry<String, String>> headers) {
        RequestHead head = new RequestHead();
        Fields fields = head.fields();
        byte[] methodBytes = bytes(method);
        head.method(fields.append(methodBytes, 0, methodBytes.length), methodBytes.length);
        put(head, head.host(), withoutPort(host));
        int question = path.indexOf('?');
        put(head, head.path(), question < 0 ? path : path.substring(0, question));
        put(head, head.query(), question < 0 ? "" : path.substring(question));
        for (Map.Entry<String, String> header : headers) {
            byte[] name = bytes(header.getKey());
            byte[] value = bytes(header.getValue().strip());
            int nameStart = fields.append(name, 0, name.length);
            int valueStart = fields.append(value, 0, value.length);
            int i = fields.index(nameStart, name.length, valueStart, value.length);
            if (fields.known(i) == KnownField.UPGRADE) {
                head.upgradesToWebSocket(fields.valueIsIgnoreCase(i, WEBSOCKET));
            }
        }
        return head;
    }

    private static void put(RequestHead head, Span span, String text) {
        byte[] bytes = bytes(text);
        span.set(head.fields().append(bytes, 0, bytes.length), bytes.length);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String withoutPort(String authority) {
        int colon = authority.lastIndexOf(':');
        String host = colon > authority.lastIndexOf(']') ? authority.substring(0, colon) : authority;
        return host.endsWith(".") ? host.substring(0, host.length() - 1) : host;
    }
}
