package weir.testing;

import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import weir.http.HeadPool;
import weir.http.MessageError;
import weir.http.Protocol;
import weir.http.RequestHandler;
import weir.http.RequestHead;
import weir.http.RequestReceiver;
import weir.http.Span;
import weir.http.TlsFacts;

/** A client's connection that has many streams open at a time. Confined to the test's thread. */
public final class MuxClient {
    final InetSocketAddress peer = new InetSocketAddress("127.0.0.1", 50000);
    final Violations violations;
    private final RequestHandler handler;
    /** The version it speaks. */
    public Protocol protocol = Protocol.HTTP_1_1;

    private final HeadPool heads;
    /** What the handshake showed. */
    public @Nullable TlsFacts tls;

    public final List<MuxClientStream> streams = new ArrayList<>();

    public MuxClient(RequestHandler handler, HeadPool heads, Violations violations) {
        this.handler = handler;
        this.heads = heads;
        this.violations = violations;
    }

    /** The client closes its connection. */
    public void close() {
        handler.closed();
    }

    /** A request without a body. */
    public MuxClientStream get(String path) {
        return open("GET", path, 0, false);
    }

    /** A request whose body has that many bytes; -1 for a body of any length. */
    public MuxClientStream post(String path, long length) {
        return open("POST", path, length, false);
    }

    /** A request; a length of 0 is no body. */
    public MuxClientStream open(String method, String path, long length, boolean webSocket, String... fields) {
        MuxClientStream stream = new MuxClientStream(this, path);
        streams.add(stream);
        RequestReceiver receiver = handler.open(stream);
        stream.receiver(receiver, length == 0);
        receiver.request(head(method, path, length, webSocket, fields), length == 0);
        return stream;
    }

    /** A request that is refused before it is one. */
    public MuxClientStream refused(String path, MessageError error, String... fields) {
        MuxClientStream stream = new MuxClientStream(this, path);
        streams.add(stream);
        RequestReceiver receiver = handler.open(stream);
        stream.receiver(receiver, true);
        receiver.rejected(head(fields.length == 0 ? "GET" : "POST", path, 0, false, fields), error);
        return stream;
    }

    private RequestHead head(String method, String path, long length, boolean webSocket, String... fields) {
        RequestHead head = heads.request();
        byte[] name = method.getBytes(StandardCharsets.US_ASCII);
        head.method(head.fields().append(name, 0, name.length), name.length);
        put(head, head.target(), path);
        int question = path.indexOf('?');
        put(head, head.path(), question < 0 ? path : path.substring(0, question));
        put(head, head.query(), question < 0 ? "" : path.substring(question));
        put(head, head.host(), "example.com");
        head.forwardedHost().set(head.host());
        head.contentLength(length);
        head.protocol(protocol);
        head.upgradesToWebSocket(webSocket);
        for (int i = 0; i < fields.length; i += 2) {
            byte[] field = fields[i].getBytes(StandardCharsets.US_ASCII);
            byte[] value = fields[i + 1].getBytes(StandardCharsets.US_ASCII);
            int nameStart = head.fields().append(field, 0, field.length);
            int valueStart = head.fields().append(value, 0, value.length);
            head.fields().index(nameStart, field.length, valueStart, value.length);
        }
        return head;
    }

    private static void put(RequestHead head, Span span, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        span.set(head.fields().append(bytes, 0, bytes.length), bytes.length);
    }
}
