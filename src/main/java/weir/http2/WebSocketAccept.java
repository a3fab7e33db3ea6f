package weir.http2;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import org.jspecify.annotations.Nullable;
import weir.http.Fields;
import weir.http.KnownField;

/**
 * What an HTTP/1.1 client is to read in Sec-WebSocket-Accept (RFC 6455 section 4.2.2), which HTTP/2 has no use for and
 * its backends do not send. Stateless.
 */
final class WebSocketAccept {
    static final byte[] FIELD = "sec-websocket-accept".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11".getBytes(StandardCharsets.US_ASCII);

    private WebSocketAccept() {}

    /** The answer to the key of a request, or null when it has none. */
    static byte @Nullable [] of(Fields request) {
        int key = request.first(KnownField.SEC_WEBSOCKET_KEY);
        if (key < 0) {
            return null;
        }
        try {
            MessageDigest sha1 = MessageDigest.getInstance("SHA-1");
            sha1.update(request.array(), request.valueStart(key), request.valueLength(key));
            return Base64.getEncoder().encode(sha1.digest(GUID));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-1", e);
        }
    }
}
