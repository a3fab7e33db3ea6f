package weir.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import weir.testing.Http2Client;
import weir.testing.Http2Frames;
import weir.testing.Http2Frames.Frame;
import weir.testing.ScriptedBackend;
import weir.testing.WeirProcess;
import weir.testing.WithWeir;

/** A stream that stalls takes nothing from the others, nor memory beyond its window. */
@WithWeir
@Timeout(120)
final class Http2FlowIT {
    private static final int STREAM_WINDOW = 128 * 1024;
    private static final int FRAME = 16 * 1024;

    private final WeirProcess weir;

    Http2FlowIT(WeirProcess weir) {
        this.weir = weir;
    }

    private void use(ScriptedBackend backend) throws IOException, InterruptedException {
        weir.use("""
                routes: [{path: /alive, respond: {status: 204}}, {path: /, service: app}]
                services: {app: {backends: [%s], retry: {attempts: 1}}}
                """.formatted(backend.address()));
    }

    @Test
    void aBackendThatDoesNotReadStallsItsStreamOnly() throws Exception {
        CountDownLatch done = new CountDownLatch(1);
        try (ScriptedBackend backend = ScriptedBackend.start(connection -> {
            String head = connection.readHead();
            if (head != null && head.startsWith("POST /slow")) {
                done.await(); // not a byte of the body is read
            } else {
                connection.readBody(head == null ? "" : head);
                connection.send(ScriptedBackend.ok("taken"));
                connection.readToEnd();
            }
        })) {
            use(backend);
            try (Http2Client client = Http2Client.connect(weir.port())) {
                String chunk = "x".repeat(FRAME);
                client.send(client.frames.post(1, "/slow"));
                long sent = 0;
                int window = STREAM_WINDOW;
                int quiet = 0;
                int alive = 3;
                // Stalled is a stream whose window stays empty through ten round trips on others.
                while (quiet < 10) {
                    while (window >= FRAME) {
                        client.send(client.frames.data(1, false, chunk));
                        window -= FRAME;
                        sent += FRAME;
                    }
                    client.send(client.frames.get(alive, "/alive"));
                    int before = window;
                    boolean answered = false;
                    while (!answered) {
                        Frame frame = client.await(any -> true);
                        if (frame.type() == Http2Frames.WINDOW_UPDATE && frame.stream() == 1) {
                            window += frame.number(0);
                        }
                        answered = frame.type() == Http2Frames.HEADERS && frame.stream() == alive;
                    }
                    alive += 2;
                    quiet = window == before && window < FRAME ? quiet + 1 : 0;
                    assertTrue(sent < 64L << 20, "the stream never stalled");
                }
                // More than the connection's window still passes on another stream.
                int other = alive;
                client.send(client.frames.post(other, "/fast"));
                int room = STREAM_WINDOW;
                for (int i = 0; i < 3 * 1024 * 1024 / FRAME; i++) {
                    while (room < FRAME) {
                        Frame update = client.await(
                                frame -> frame.type() == Http2Frames.WINDOW_UPDATE && frame.stream() == other);
                        room += update.number(0);
                    }
                    client.send(client.frames.data(other, false, chunk));
                    room -= FRAME;
                }
                client.send(client.frames.data(other, true, ""));
                assertEquals(200, client.response(other).status());
            } finally {
                done.countDown();
            }
        }
    }

    /** Answers to PINGs come behind all that the windows allow, as over a long way. */
    @Test
    void aWindowGrowsToWhatOneRoundTripBrings() throws Exception {
        try (ScriptedBackend backend = ScriptedBackend.start(connection -> {
            String head = connection.readHead();
            connection.readBody(head == null ? "" : head);
            connection.send(ScriptedBackend.ok("taken"));
            connection.readToEnd();
        })) {
            use(backend);
            try (Http2Client client = Http2Client.connect(weir.port())) {
                String chunk = "x".repeat(FRAME);
                client.send(client.frames.post(1, "/fast"));
                int window = STREAM_WINDOW;
                int largest = 0;
                long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
                while (largest < 2 << 20 && System.nanoTime() < end) {
                    int sent = 0;
                    for (; window >= FRAME; window -= FRAME) {
                        client.send(client.frames.data(1, false, chunk));
                        sent += FRAME;
                    }
                    largest = Math.max(largest, sent);
                    // A PING of the client's own: what is answered before it is what the round trip brought.
                    client.send(client.frames.frame(Http2Frames.PING, 0, 0, new byte[8]));
                    byte[] asked = null;
                    for (Frame frame = client.read(); frame != null; frame = client.read()) {
                        if (frame.type() == Http2Frames.WINDOW_UPDATE && frame.stream() == 1) {
                            window += frame.number(0);
                        } else if (frame.type() == Http2Frames.PING && !frame.has(Http2Frames.ACK)) {
                            asked = frame.payload();
                        } else if (frame.type() == Http2Frames.PING) {
                            break;
                        }
                    }
                    for (; asked != null && window >= FRAME; window -= FRAME) {
                        client.send(client.frames.data(1, false, chunk));
                    }
                    Thread.sleep(50); // the way, in which the backend takes all of it
                    if (asked != null) {
                        client.send(client.frames.frame(Http2Frames.PING, Http2Frames.ACK, 0, asked));
                    }
                }
                assertTrue(largest >= 2 << 20, largest + " bytes at once are allowed");
                client.send(client.frames.data(1, true, ""));
                assertEquals(200, client.response(1).status());
            }
        }
    }

    @Test
    void aClientThatDoesNotReadStallsItsStreamsOnly() throws Exception {
        String large = ScriptedBackend.ok("x".repeat(8 * 1024 * 1024));
        try (ScriptedBackend backend = ScriptedBackend.answering(large)) {
            use(backend);
            try (Http2Client client = Http2Client.connect(weir.port())) {
                // Eighty times eight MiB are more than the process may have, if it read what nobody takes.
                client.send(client.frames.setting(4, 0));
                for (int stream = 1; stream < 161; stream += 2) {
                    client.send(client.frames.get(stream, "/large"));
                }
                for (int heads = 0; heads < 80; heads++) {
                    client.await(frame -> frame.type() == Http2Frames.HEADERS);
                }
                client.send(client.frames.get(161, "/alive"));
                client.await(frame -> frame.type() == Http2Frames.HEADERS && frame.stream() == 161);
                // One of them gets all it wants.
                int wanted = 8 * 1024 * 1024;
                client.send(
                        client.frames.number(Http2Frames.WINDOW_UPDATE, 0, wanted),
                        client.frames.number(Http2Frames.WINDOW_UPDATE, 1, wanted));
                assertEquals(wanted, client.response(1).body().length());
            }
        }
    }
}
