package weir.testing;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One connection of a {@link ScriptedBackend}. Text is Latin-1. Scripts run on one thread; records are thread-safe. */
public final class BackendSocket implements AutoCloseable {
    private static final int MOST_RECORDED = 1 << 20;

    private final Socket socket;
    private final int index;
    private final List<String> requests;
    private final InputStream in;
    private final OutputStream out;
    private final ByteArrayOutputStream received = new ByteArrayOutputStream();
    private volatile boolean ended;

    BackendSocket(Socket socket, int index, List<String> requests) throws IOException {
        this.socket = socket;
        this.index = index;
        this.requests = requests;
        this.in = new BufferedInputStream(socket.getInputStream(), 64 * 1024);
        this.out = socket.getOutputStream();
    }

    /** The number of this connection on its backend, from 0. */
    public int index() {
        return index;
    }

    /** The next byte, or -1 at the end. */
    public int read() throws IOException {
        int next = in.read();
        if (next < 0) {
            ended = true;
        } else if (received.size() < MOST_RECORDED) {
            received.write(next);
        }
        return next;
    }

    /** Reads a head; null when the connection ends before one begins. */
    public @Nullable String readHead() throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.length() < 4 || head.indexOf("\r\n\r\n", head.length() - 4) < 0) {
            int next = read();
            if (next < 0) {
                if (head.isEmpty()) {
                    return null;
                }
                throw new IOException("ended in a head: " + head);
            }
            head.append((char) next);
        }
        requests.add(head.toString());
        return head.toString();
    }

    /** Reads a request with its body, which is thrown away; returns its head, or null at the end. */
    public @Nullable String readRequest() throws IOException {
        String head = readHead();
        if (head != null) {
            readBody(head);
        }
        return head;
    }

    /** Reads the body that belongs to a head; chunks are joined, trailers appended as they came. */
    public String readBody(String head) throws IOException {
        StringBuilder body = new StringBuilder();
        String length = RawHead.value(head, "content-length");
        if (length != null) {
            return readExactly(Integer.parseInt(length));
        }
        if (RawHead.value(head, "transfer-encoding") == null) {
            return "";
        }
        while (true) {
            int size = Integer.parseInt(readLine().strip(), 16);
            if (size == 0) {
                for (String line = readLine(); !line.equals("\r\n"); line = readLine()) {
                    body.append(line);
                }
                return body.toString();
            }
            body.append(readExactly(size));
            readLine();
        }
    }

    /** Reads a line with its end. */
    public String readLine() throws IOException {
        StringBuilder line = new StringBuilder();
        while (line.length() == 0 || line.charAt(line.length() - 1) != '\n') {
            line.append((char) readByte());
        }
        return line.toString();
    }

    /** Reads that many bytes. */
    public String readExactly(int length) throws IOException {
        StringBuilder text = new StringBuilder(length);
        for (int i = 0; i < length; i++) {
            text.append((char) readByte());
        }
        return text.toString();
    }

    private int readByte() throws IOException {
        int next = read();
        if (next < 0) {
            throw new IOException("ended early");
        }
        return next;
    }

    /** Reads until the other side closes. */
    public void readToEnd() throws IOException {
        while (read() >= 0) {
            // recorded
        }
    }

    /** Sends these bytes. */
    public void send(String text) throws IOException {
        out.write(text.getBytes(StandardCharsets.ISO_8859_1));
        out.flush();
    }

    /** Sends these bytes one by one with a pause between them. */
    public void dribble(String text, int pauseMillis) throws IOException, InterruptedException {
        for (char c : text.toCharArray()) {
            out.write(c);
            out.flush();
            Thread.sleep(pauseMillis);
        }
    }

    /** The stream of bytes, for those who read much; not recorded. */
    public InputStream input() {
        return in;
    }

    /** The stream of bytes, for those who write much. */
    public OutputStream output() {
        return out;
    }

    /** Says that nothing more is sent. */
    public void shutdownOutput() throws IOException {
        socket.shutdownOutput();
    }

    /** Closes by RST. */
    public void reset() throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    /** Every byte the script has read. */
    public String received() {
        return received.toString(StandardCharsets.ISO_8859_1);
    }

    /** Whether the script has read the other side's end. */
    public boolean ended() {
        return ended;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
