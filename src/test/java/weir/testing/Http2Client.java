package weir.testing;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import weir.testing.Http2Frames.Frame;

/**
 * An HTTP/2 client in the clear that sends exactly the frames it is told, and acknowledges nothing by itself. Text is
 * Latin-1. Confined to one thread.
 */
public final class Http2Client implements AutoCloseable {
    private final Socket socket;
    private final DataInputStream in;
    private final OutputStream out;

    /** Makes the frames to send; it has the state of this connection's header compression. */
    public final Http2Frames frames = new Http2Frames();

    private Http2Client(Socket socket) throws IOException {
        this.socket = socket;
        this.in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
        this.out = socket.getOutputStream();
    }

    /**
     * A response as far as it came.
     *
     * @param reset the code of the RST_STREAM that ended the stream; -1 for none
     */
    public record Response(int status, List<String> fields, String body, List<String> trailers, int reset) {}

    /** Connects to this machine and says nothing yet. */
    public static Http2Client silent(int port) throws IOException {
        Socket socket = new Socket();
        socket.setTcpNoDelay(true);
        socket.setSoTimeout((int) WeirProcess.PATIENCE.toMillis());
        socket.connect(new InetSocketAddress("127.0.0.1", port), 5_000);
        return new Http2Client(socket);
    }

    /** Connects to this machine and sends preface and settings. */
    public static Http2Client connect(int port) throws IOException {
        Http2Client client = silent(port);
        return client.send(client.frames.preface());
    }

    /** Sends these bytes. */
    public Http2Client send(byte[]... pieces) throws IOException {
        out.write(Http2Frames.concat(pieces));
        out.flush();
        return this;
    }

    /** Sends bytes for as long as the peer takes them; false when it did not take all. */
    public boolean trySend(byte[]... pieces) {
        try {
            send(pieces);
            return true;
        } catch (IOException closed) {
            return false;
        }
    }

    /** The next frame; null when the connection has ended. */
    public @Nullable Frame read() throws IOException {
        try {
            int length = in.readUnsignedByte() << 16 | in.readUnsignedShort();
            int type = in.readUnsignedByte();
            int flags = in.readUnsignedByte();
            int stream = in.readInt();
            byte[] payload = new byte[length];
            in.readFully(payload);
            return new Frame(type, flags, stream, payload);
        } catch (EOFException | SocketException ended) {
            return null;
        }
    }

    /** The next frame of that kind; those before it are passed over. */
    public Frame await(Predicate<Frame> wanted) throws IOException {
        List<Frame> passed = new ArrayList<>();
        while (true) {
            Frame frame = read();
            if (frame == null) {
                throw new IOException("the connection ended behind " + passed);
            }
            if (wanted.test(frame)) {
                return frame;
            }
            passed.add(frame);
        }
    }

    /** Reads to the connection's end and returns the code of its GOAWAY; -1 when there was none. */
    public int goAway() throws IOException {
        int code = -1;
        for (Frame frame = read(); frame != null; frame = read()) {
            if (frame.type() == Http2Frames.GOAWAY) {
                code = frame.number(4);
            }
        }
        return code;
    }

    /** Reads the response on a stream to its end; frames of other streams are passed over. */
    public Response response(int stream) throws IOException {
        int status = 0;
        List<String> fields = List.of();
        List<String> trailers = List.of();
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        while (true) {
            Frame frame = await(any -> true);
            if (frame.type() == Http2Frames.HEADERS) {
                List<String> block = frames.fields(frame.payload());
                if (frame.stream() == stream && status < 200) {
                    status = Integer.parseInt(block.get(0).substring(":status: ".length()));
                    fields = block;
                } else if (frame.stream() == stream) {
                    trailers = block;
                }
            } else if (frame.type() == Http2Frames.DATA && frame.stream() == stream) {
                body.write(frame.payload());
            }
            boolean reset = frame.type() == Http2Frames.RST_STREAM;
            boolean end = frame.type() <= Http2Frames.HEADERS && frame.has(Http2Frames.END_STREAM);
            if (frame.stream() == stream && (reset || end)) {
                return new Response(
                        status,
                        fields,
                        body.toString(StandardCharsets.ISO_8859_1),
                        trailers,
                        reset ? frame.number(0) : -1);
            }
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
