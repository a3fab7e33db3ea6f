package weir.testing;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;

/** A name server on the loopback address that answers over UDP what a test told it, and NXDOMAIN for the rest. */
public final class ScriptedDns implements AutoCloseable {
    public static final int NO_ERROR = 0;
    public static final int SERVER_FAILURE = 2;
    public static final int NAME_ERROR = 3;
    /** Stands for no answer at all. */
    public static final int SILENCE = -1;

    private static final int A = 1;
    private static final int AAAA = 28;
    private static final int CNAME = 5;
    private static final int HEADER = 12;

    private final DatagramSocket socket = new DatagramSocket(0, InetAddress.getLoopbackAddress());
    private final Map<String, Answer> answers = new ConcurrentHashMap<>();
    private final BlockingQueue<String> questions = new LinkedBlockingQueue<>();
    private final Thread thread = new Thread(this::serve, "scripted-dns");

    private record Answer(int code, int timeToLive, int type, List<byte[]> values) {}

    public ScriptedDns() throws SocketException {
        thread.setDaemon(true);
        thread.start();
    }

    /** Where it listens. */
    public InetSocketAddress address() {
        return (InetSocketAddress) socket.getLocalSocketAddress();
    }

    /** Answers for a name, A and AAAA by the form of the addresses; the other family is left as it was. */
    public void answer(String name, int timeToLive, String... addresses) {
        int type = addresses[0].indexOf(':') < 0 ? A : AAAA;
        List<byte[]> values =
                List.of(addresses).stream().map(ScriptedDns::bytes).toList();
        answers.put(key(name, type), new Answer(NO_ERROR, timeToLive, type, values));
    }

    /** Answers that one name stands for another one. */
    public void alias(String name, int timeToLive, String target) {
        Answer answer = new Answer(NO_ERROR, timeToLive, CNAME, List.of(encode(target)));
        answers.put(key(name, A), answer);
        answers.put(key(name, AAAA), answer);
    }

    /** Answers with a code and no record: {@code type} is 4 or 6 for the address family. */
    public void code(String name, int family, int code) {
        answers.put(key(name, family == 4 ? A : AAAA), new Answer(code, 0, A, List.of()));
    }

    /** The questions so far, as {@code name type}. */
    public BlockingQueue<String> questions() {
        return questions;
    }

    private void serve() {
        byte[] buffer = new byte[1500];
        while (!socket.isClosed()) {
            try {
                DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
                socket.receive(packet);
                reply(packet);
            } catch (SocketException e) {
                return;
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    private void reply(DatagramPacket packet) throws IOException {
        ByteBuffer in = ByteBuffer.wrap(packet.getData(), 0, packet.getLength());
        StringBuilder name = new StringBuilder();
        int at = HEADER;
        for (int n = in.get(at); n > 0; n = in.get(at)) {
            name.append(new String(packet.getData(), at + 1, n, StandardCharsets.US_ASCII))
                    .append('.');
            at += n + 1;
        }
        int type = in.getShort(at + 1);
        String key = key(name.toString(), type);
        questions.add(key);
        Answer answer = answers.getOrDefault(key, new Answer(NAME_ERROR, 0, type, List.of()));
        if (answer.code != SILENCE) {
            byte[] out = message(in.getShort(0), packet.getData(), at + 5, answer);
            socket.send(new DatagramPacket(out, out.length, packet.getSocketAddress()));
        }
    }

    private static byte[] message(short id, byte[] question, int questionEnd, Answer answer) {
        ByteBuffer out = ByteBuffer.allocate(1500);
        // A response to a recursive question, from a server that recurses.
        out.putShort(id).putShort((short) (0x8180 | answer.code)).putShort((short) 1);
        out.putShort((short) answer.values.size()).putInt(0);
        out.put(question, HEADER, questionEnd - HEADER);
        for (byte[] value : answer.values) {
            out.putShort((short) (0xc000 | HEADER))
                    .putShort((short) answer.type)
                    .putShort((short) 1);
            out.putInt(answer.timeToLive).putShort((short) value.length).put(value);
        }
        byte[] bytes = new byte[out.position()];
        out.flip().get(bytes);
        return bytes;
    }

    private static String key(String name, int type) {
        String lower = name.toLowerCase(Locale.ROOT);
        return (lower.endsWith(".") ? lower : lower + '.') + ' ' + (type == A ? "A" : "AAAA");
    }

    private static byte[] encode(String name) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (String label : name.split("\\.")) {
            out.write(label.length());
            out.writeBytes(label.getBytes(StandardCharsets.US_ASCII));
        }
        out.write(0);
        return out.toByteArray();
    }

    private static byte[] bytes(String literal) {
        try {
            return InetAddress.getByName(literal).getAddress();
        } catch (UnknownHostException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public void close() {
        socket.close();
    }
}
