package weir.http1;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import weir.testing.SmugglingTable;

/**
 * Mutated messages, always the same ones, split at random: nothing throws, nothing leaks, and what is decided does not
 * depend on the split.
 */
class Http1FuzzTest {
    private static final String[] PIECES = {
        "\r\n",
        "\n",
        "\r",
        " ",
        "\t",
        ":",
        ",",
        ";",
        "\0",
        "0",
        "1",
        "f",
        "_",
        "#",
        "\u00ff",
        "chunked",
        "Host: a\r\n",
        "Content-Length: 5\r\n",
        "Transfer-Encoding: chunked\r\n",
        "Connection: close\r\n",
        "0\r\n\r\n",
        "\r\n\r\n",
        "HTTP/1.1",
        "GET / HTTP/1.1\r\nHost: a\r\n\r\n"
    };

    private final Random random = new Random(20240229);

    @Test
    void requestsAreReadTheSameHoweverTheyAreSplit() {
        List<byte[]> seeds = new ArrayList<>();
        for (SmugglingTable.Case hostile : SmugglingTable.cases()) {
            if (hostile.bytes().length < 1000) {
                seeds.add(hostile.bytes());
            }
        }
        seeds.add(ascii("GET /a?b HTTP/1.1\r\nHost: a\r\nAccept: */*\r\nConnection: keep-alive, x\r\nX: y\r\n\r\n"));
        seeds.add(ascii("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello"));
        seeds.add(ascii("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                + "5;a=b\r\nhello\r\n1\r\nx\r\n0\r\nX: y\r\n\r\n"));
        seeds.add(ascii("GET /w HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: websocket\r\n"
                + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\nraw"));
        for (int i = 0; i < 20_000; i++) {
            byte[] bytes = mutate(seeds.get(random.nextInt(seeds.size())), seeds);
            String whole = client(bytes, bytes.length);
            String split = client(bytes, 1 + random.nextInt(20));
            assertEquals(whole, split, () -> new String(bytes, StandardCharsets.ISO_8859_1));
        }
    }

    @Test
    void responsesAreReadTheSameHoweverTheyAreSplit() {
        List<byte[]> seeds = List.of(
                ascii("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nServer: x\r\n\r\nhello"),
                ascii("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX: y\r\n\r\n"),
                ascii("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\nX_Y: z\r\n\r\n"),
                ascii("HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n\r\nuntil the end"),
                ascii("HTTP/1.1 304\r\nETag: x\r\n\r\n"));
        for (int i = 0; i < 20_000; i++) {
            byte[] bytes = mutate(seeds.get(random.nextInt(seeds.size())), seeds);
            String whole = backend(bytes, bytes.length);
            String split = backend(bytes, 1 + random.nextInt(20));
            assertEquals(whole, split, () -> new String(bytes, StandardCharsets.ISO_8859_1));
        }
    }

    /** What the handler makes of the bytes: events, body bytes joined, and the answers. */
    private String client(byte[] bytes, int most) {
        ClientFixture client = new ClientFixture();
        client.onFault = () -> client.answer(400, "");
        client.onEnd = () -> client.answer(200, "");
        client.onRequest = () -> {
            if (client.events.get(client.events.size() - 1).endsWith(" last")) {
                client.answer(200, "");
            }
        };
        for (int at = 0; at < bytes.length && client.channel.isOpen(); ) {
            int end = most >= bytes.length ? bytes.length : Math.min(bytes.length, at + 1 + random.nextInt(most));
            client.send(Arrays.copyOfRange(bytes, at, end));
            at = end;
        }
        client.channel.runPendingTasks();
        if (client.channel.isOpen()) {
            client.channel.fin();
        }
        String result = joined(client.events) + client.received();
        client.close();
        return result;
    }

    private String backend(byte[] bytes, int most) {
        BackendFixture backend = new BackendFixture();
        backend.get();
        for (int at = 0; at < bytes.length && backend.channel.isOpen(); ) {
            int end = most >= bytes.length ? bytes.length : Math.min(bytes.length, at + 1 + random.nextInt(most));
            ByteBuf in = backend.buffer(new String(bytes, at, end - at, StandardCharsets.ISO_8859_1));
            backend.channel.writeInbound(in);
            at = end;
        }
        if (backend.channel.isOpen()) {
            backend.channel.fin();
        }
        // Bytes behind a complete response close the connection, before or after its release.
        backend.events.remove("released");
        String result = joined(backend.events);
        assertTrue(result.contains("closed"));
        backend.close();
        return result;
    }

    private static String joined(List<String> events) {
        StringBuilder text = new StringBuilder();
        boolean inBody = false;
        for (String event : events) {
            boolean body = event.startsWith("body ");
            text.append(body && inBody ? event.substring(5) : "\n" + event);
            inBody = body;
        }
        return text.append('\n').toString();
    }

    private byte[] mutate(byte[] seed, List<byte[]> seeds) {
        byte[] bytes = seed;
        int mutations = random.nextInt(4);
        for (int i = 0; i < mutations; i++) {
            int at = random.nextInt(bytes.length + 1);
            int cut = Math.min(bytes.length, at + random.nextInt(4));
            bytes = switch (random.nextInt(6)) {
                case 0 -> splice(bytes, at, at, ascii(PIECES[random.nextInt(PIECES.length)]));
                case 1 -> splice(bytes, at, cut, new byte[0]);
                case 2 -> splice(bytes, at, cut, new byte[] {(byte) random.nextInt(256)});
                case 3 -> splice(bytes, at, at, Arrays.copyOfRange(bytes, at, Math.min(bytes.length, at + 30)));
                case 4 -> splice(bytes, at, cut, ascii(PIECES[random.nextInt(PIECES.length)]));
                default -> splice(bytes, bytes.length, bytes.length, seeds.get(random.nextInt(seeds.size())));
            };
        }
        return bytes.length == 0 ? new byte[] {'x'} : bytes;
    }

    private static byte[] splice(byte[] bytes, int from, int to, byte[] piece) {
        byte[] result = new byte[bytes.length - (to - from) + piece.length];
        System.arraycopy(bytes, 0, result, 0, from);
        System.arraycopy(piece, 0, result, from, piece.length);
        System.arraycopy(bytes, to, result, from + piece.length, bytes.length - to);
        return result;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}
