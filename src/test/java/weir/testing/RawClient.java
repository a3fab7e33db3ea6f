package weir.testing;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;

/**
 * A client that sends exactly the bytes it is told and reads messages by the rules of RFC 9112. Text is Latin-1: a
 * character is a byte. Confined to one thread.
 */
public final class RawClient implements AutoCloseable {
    private final Socket socket;
    private final InputStream in;
    private final OutputStream out;
    private final long sinceMillis;

    private RawClient(Socket socket, long sinceMillis) throws IOException {
        this.socket = socket;
        this.sinceMillis = sinceMillis;
        this.in = new BufferedInputStream(socket.getInputStream());
        this.out = socket.getOutputStream();
    }

    /** Connects to this machine. */
    public static RawClient connect(int port) throws IOException {
        return from("127.0.0.1", port);
    }

    /** Connects from that local address, such as 127.0.0.2. */
    public static RawClient from(String local, int port) throws IOException {
        long now = System.currentTimeMillis();
        Socket socket = new Socket();
        socket.setTcpNoDelay(true);
        socket.setSoTimeout((int) WeirProcess.PATIENCE.toMillis());
        socket.bind(new InetSocketAddress(local, 0));
        socket.connect(new InetSocketAddress("127.0.0.1", port), 5_000);
        return new RawClient(socket, now);
    }

    /** Speaks over a socket that is connected already, such as one of TLS, not earlier than that; takes it over. */
    public static RawClient over(Socket socket, long sinceMillis) throws IOException {
        socket.setSoTimeout((int) WeirProcess.PATIENCE.toMillis());
        return new RawClient(socket, sinceMillis);
    }

    /** Sends one request on a connection of its own and returns the answer. */
    public static RawResponse exchange(int port, String request) throws IOException {
        try (RawClient client = connect(port)) {
            client.send(request);
            return client.read(request.startsWith("HEAD "));
        }
    }

    /** A GET on a connection of its own. */
    public static RawResponse get(int port, String path) throws IOException {
        return exchange(port, "GET " + path + " HTTP/1.1\r\nHost: a.test\r\n\r\n");
    }

    /** Sends these bytes. */
    public RawClient send(String text) throws IOException {
        return send(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    /** Sends these bytes. */
    public RawClient send(byte[] bytes) throws IOException {
        out.write(bytes);
        out.flush();
        return this;
    }

    /** Reads a final response to any request but a HEAD; interim ones are part of its {@code interim}. */
    public RawResponse read() throws IOException {
        return read(false);
    }

    /** Reads a final response. */
    public RawResponse read(boolean toHead) throws IOException {
        StringBuilder interim = new StringBuilder();
        while (true) {
            String head = readHead();
            RawResponse response = RawResponse.of(head, interim.toString());
            if (response.status() < 200 && response.status() != 101) {
                interim.append(head);
                continue;
            }
            boolean bodyless =
                    toHead || response.status() == 204 || response.status() == 304 || response.status() == 101;
            return bodyless ? response : response.withBody(body(response));
        }
    }

    private String body(RawResponse response) throws IOException {
        if ("chunked".equals(response.field("transfer-encoding"))) {
            return chunks();
        }
        String length = response.field("content-length");
        return length == null ? readToEnd() : readExactly(Integer.parseInt(length));
    }

    /** The body with its trailers appended as they came. */
    private String chunks() throws IOException {
        StringBuilder body = new StringBuilder();
        while (true) {
            int size = Integer.parseInt(readThrough("\r\n").strip(), 16);
            if (size == 0) {
                for (String line = readThrough("\r\n"); !line.equals("\r\n"); line = readThrough("\r\n")) {
                    body.append(line);
                }
                return body.toString();
            }
            body.append(readExactly(size));
            readThrough("\r\n");
        }
    }

    /** Reads the head of a message with the empty line that ends it. */
    public String readHead() throws IOException {
        return readThrough("\r\n\r\n");
    }

    /** Reads until the text came, which is returned with what was before it. */
    public String readThrough(String end) throws IOException {
        StringBuilder text = new StringBuilder();
        while (text.length() < end.length() || text.indexOf(end, text.length() - end.length()) < 0) {
            int next = in.read();
            if (next < 0) {
                throw new IOException("connection closed after: " + text);
            }
            text.append((char) next);
        }
        return text.toString();
    }

    /** Reads that many bytes. */
    public String readExactly(int length) throws IOException {
        byte[] bytes = in.readNBytes(length);
        if (bytes.length < length) {
            throw new IOException("connection closed " + (length - bytes.length) + " bytes early");
        }
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    /** Reads what comes until the other side closes; a reset is an end as well. */
    public String readToEnd() throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        try {
            for (int next = in.read(); next >= 0; next = in.read()) {
                all.write(next);
            }
        } catch (SocketTimeoutException late) {
            throw late;
        } catch (SocketException reset) {
            // Closed with bytes of ours unread.
        }
        return all.toString(StandardCharsets.ISO_8859_1);
    }

    /** Whether the other side has closed within that time; what it sends before is thrown away. */
    public boolean closedWithin(int millis) throws IOException {
        socket.setSoTimeout(millis);
        try {
            readToEnd();
            return true;
        } catch (SocketTimeoutException open) {
            return false;
        } finally {
            socket.setSoTimeout((int) WeirProcess.PATIENCE.toMillis());
        }
    }

    /** The stream of bytes, for those who read at a pace of their own. */
    public InputStream input() {
        return in;
    }

    /** The stream of bytes, for those who write much. */
    public OutputStream output() {
        return out;
    }

    /** When it connected, at the earliest: what has its port and is older was another's. */
    public long sinceMillis() {
        return sinceMillis;
    }

    /** The port at this side. */
    public int localPort() {
        return socket.getLocalPort();
    }

    /** Says that nothing more is sent; reading goes on. */
    public void shutdownOutput() throws IOException {
        socket.shutdownOutput();
    }

    /** Closes by RST. */
    public void reset() throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
