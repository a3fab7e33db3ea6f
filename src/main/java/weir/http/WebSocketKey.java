package weir.http;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;
import java.util.concurrent.ThreadLocalRandom;

/**
 * The handshake of WebSocket over HTTP/1.1 (RFC 6455 section 1.3), which HTTP/2 does not have (RFC 8441 section 5): who
 * leads one to the other makes the key, or the answer to it. Stateless; allocates, once per WebSocket.
 */
public final class WebSocketKey {
    /** The field of a 101 that answers the key. */
    public static final byte[] ACCEPT = "sec-websocket-accept".getBytes(StandardCharsets.US_ASCII);

    private static final byte[] MAGIC = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11".getBytes(StandardCharsets.US_ASCII);
    private static final int KEY_BYTES = 16;
    private static final int ENCODED_BYTES = 24;
    private static final int PADDING = 2;

    private WebSocketKey() {}

    /** Whether the fields have one key, and it is 16 bytes in Base64 (RFC 6455 section 4.2.1). */
    public static boolean isIn(Fields request) {
        int key = request.first(KnownField.SEC_WEBSOCKET_KEY);
        if (key < 0 || request.next(key) >= 0 || request.valueLength(key) != ENCODED_BYTES) {
            return false;
        }
        byte[] a = request.array();
        int end = request.valueStart(key) + ENCODED_BYTES - PADDING;
        for (int i = request.valueStart(key); i < end; i++) {
            byte letter = FieldSyntax.toLower(a[i]);
            boolean digit = a[i] >= '0' && a[i] <= '9' || a[i] == '+' || a[i] == '/';
            if (!digit && (letter < 'a' || letter > 'z')) {
                return false;
            }
        }
        return a[end] == '=' && a[end + 1] == '=';
    }

    /** A copy of the key that is forwarded; empty when it is not. */
    public static byte[] forwarded(Fields request) {
        int key = request.first(KnownField.SEC_WEBSOCKET_KEY);
        int start = key < 0 ? 0 : request.valueStart(key);
        return key < 0 || request.dropped(key)
                ? new byte[0]
                : Arrays.copyOfRange(request.array(), start, start + request.valueLength(key));
    }

    /** A fresh key. */
    public static byte[] fresh() {
        byte[] nonce = new byte[KEY_BYTES];
        ThreadLocalRandom.current().nextBytes(nonce);
        return Base64.getEncoder().encode(nonce);
    }

    /** The answer to a key. */
    public static byte[] answer(byte[] array, int start, int length) {
        try {
            MessageDigest sha1 = MessageDigest.getInstance("SHA-1");
            sha1.update(array, start, length);
            sha1.update(MAGIC);
            return Base64.getEncoder().encode(sha1.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every Java has it
        }
    }
}
