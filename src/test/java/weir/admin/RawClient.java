package weir.admin;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** A client that sends exactly what it is told, and reads responses with a Content-Length. */
final class RawClient implements AutoCloseable {
    private final Socket socket = new Socket();

    RawClient(InetSocketAddress to) throws IOException {
        socket.connect(to, 5000);
        socket.setSoTimeout(5000);
    }

    RawClient send(String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
        socket.getOutputStream().flush();
        return this;
    }

    /** The head of the next response, in lower case; empty when the connection is closed. */
    String head() throws IOException {
        InputStream in = socket.getInputStream();
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            int b = in.read();
            if (b < 0) {
                return head.toString();
            }
            head.append((char) b);
        }
        return head.toString().toLowerCase(Locale.ROOT);
    }

    /** The body that the head announced. */
    String body(String head) throws IOException {
        int at = head.indexOf("content-length: ") + 16;
        int length = Integer.parseInt(head.substring(at, head.indexOf('\r', at)));
        return new String(socket.getInputStream().readNBytes(length), StandardCharsets.UTF_8);
    }

    /** Everything until the connection is closed, whether it ended well or was reset. */
    String rest() {
        ByteArrayOutputStream rest = new ByteArrayOutputStream();
        try {
            InputStream in = socket.getInputStream();
            for (int b = in.read(); b >= 0; b = in.read()) {
                rest.write(b);
            }
        } catch (java.net.SocketTimeoutException e) {
            throw new AssertionError("the connection stays open after " + rest, e);
        } catch (IOException e) {
            rest.writeBytes("<reset>".getBytes(StandardCharsets.US_ASCII));
        }
        return rest.toString(StandardCharsets.UTF_8);
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
