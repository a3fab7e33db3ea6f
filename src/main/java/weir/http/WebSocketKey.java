package weir.http;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
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

    private WebSocketKey() {}

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
