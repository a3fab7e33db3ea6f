package weir.testing;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/** The backend's side of a WebSocket, for scripts of a {@link ScriptedBackend}: as much as a server must know. */
public final class WebSocketEcho {
    private static final int CLOSE = 8;
    private static final int PING = 9;
    private static final int PONG = 10;

    private WebSocketEcho() {}

    /** Accepts and echoes messages, answers pings and the close. */
    public static void serve(BackendSocket connection) throws IOException {
        String head = connection.readHead();
        if (head != null) {
            serve(connection, head);
        }
    }

    /** The same, when the head of the upgrade was read already. */
    public static void serve(BackendSocket connection, String head) throws IOException {
        accept(connection, head);
        while (true) {
            int first = connection.read();
            if (first < 0) {
                return;
            }
            String data = payload(connection);
            int code = first & 0x0f;
            if (code != PONG) {
                connection.send(frame(code == PING ? 0x80 | PONG : first, data));
            }
            if (code == CLOSE) {
                return;
            }
        }
    }

    /** Answers an upgrade with 101, and with the first of the subprotocols it asks for. */
    public static void accept(BackendSocket connection, String head) throws IOException {
        String protocol = protocol(head);
        connection.send("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                + "Sec-WebSocket-Accept: " + key(RawHead.value(head, "sec-websocket-key")) + "\r\n"
                + (protocol == null ? "" : "Sec-WebSocket-Protocol: " + protocol + "\r\n") + "\r\n");
    }

    private static @Nullable String protocol(String head) {
        String asked = RawHead.value(head, "sec-websocket-protocol");
        return asked == null ? null : asked.split(",")[0].trim();
    }

    private static String key(@Nullable String sent) throws IOException {
        String key = sent + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
        try {
            MessageDigest sha1 = MessageDigest.getInstance("SHA-1");
            return Base64.getEncoder().encodeToString(sha1.digest(key.getBytes(StandardCharsets.US_ASCII)));
        } catch (NoSuchAlgorithmException e) {
            throw new IOException(e);
        }
    }

    private static String payload(BackendSocket connection) throws IOException {
        long length = connection.read() & 0x7f;
        if (length >= 126) {
            String extended = connection.readExactly(length == 126 ? 2 : 8);
            length = 0;
            for (int i = 0; i < extended.length(); i++) {
                length = length << 8 | extended.charAt(i);
            }
        }
        String mask = connection.readExactly(4);
        String data = connection.readExactly((int) length);
        StringBuilder clear = new StringBuilder();
        for (int i = 0; i < data.length(); i++) {
            clear.append((char) (data.charAt(i) ^ mask.charAt(i % 4)));
        }
        return clear.toString();
    }

    private static String frame(int first, String data) {
        StringBuilder frame = new StringBuilder().append((char) first);
        int length = data.length();
        if (length < 126) {
            frame.append((char) length);
        } else if (length < 65_536) {
            frame.append((char) 126).append((char) (length >> 8)).append((char) (length & 0xff));
        } else {
            frame.append((char) 127);
            for (int shift = 56; shift >= 0; shift -= 8) {
                frame.append((char) ((long) length >> shift & 0xff));
            }
        }
        return frame.append(data).toString();
    }
}
