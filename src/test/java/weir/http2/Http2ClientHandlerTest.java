package weir.http2;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import weir.http2.Http2ClientFixture.Exchange;
import weir.loop.ConnectionGuard;
import weir.metrics.Metrics;
import weir.testing.Http2Frames;
import weir.testing.Http2Frames.Frame;
import weir.testing.MuxSmugglingTable;

/** The streams of a client's connection, without a socket. */
final class Http2ClientHandlerTest {
    private final Http2ClientFixture client = new Http2ClientFixture();
    private final Http2Frames frames = client.frames;

    @AfterEach
    void close() {
        client.close();
    }

    private static int windowOf(List<Frame> received, int stream) {
        return received.stream()
                .filter(frame -> frame.type() == Http2Frames.WINDOW_UPDATE && frame.stream() == stream)
                .mapToInt(frame -> frame.number(0))
                .sum();
    }

    @Test
    void givesRoomOnAStreamOnlyForWhatWasTaken() {
        client.begin();
        client.onRequest = exchange -> exchange.stream.pause();
        client.send(frames.post(1, "/"));
        byte[] data = frames.data(1, false, "x".repeat(16_000));
        for (int i = 0; i < 8; i++) {
            client.send(data);
        }
        Exchange exchange = client.exchanges.get(0);
        assertEquals(0, exchange.bytes);
        assertEquals(0, windowOf(client.received(), 1));
        exchange.stream.resume();
        assertEquals(0, exchange.bytes, "delivered from within the call");
        List<Frame> received = client.received();
        assertEquals(8 * 16_000, exchange.bytes);
        assertEquals(8 * 16_000, windowOf(received, 1), 64 * 1024);
    }

    @Test
    void givesRoomOnTheConnectionAtOnce() {
        client.begin();
        client.onRequest = exchange -> exchange.stream.pause();
        int room = 0;
        for (int stream = 1; stream < 81; stream += 2) {
            client.send(frames.post(stream, "/"));
            for (int i = 0; i < 8; i++) {
                client.send(frames.data(stream, false, "x".repeat(16_000)));
            }
            room += windowOf(client.received(), 0);
        }
        assertTrue(room > 40 * 8 * 16_000 - 1024 * 1024, "room given: " + room);
        assertEquals(40, client.exchanges.size());
    }

    @Test
    void resetsAStreamThatSendsBeyondItsWindow() {
        client.begin();
        client.onRequest = exchange -> exchange.stream.pause();
        client.send(frames.post(1, "/"));
        for (int i = 0; i < 9; i++) {
            client.send(frames.data(1, false, "x".repeat(16_000)));
        }
        Frame reset = client.received(Http2Frames.RST_STREAM).get(0);
        assertEquals(3, reset.number(0));
        assertEquals("request, aborted", client.exchanges.get(0).events.toString());
    }

    @Test
    void sendsAsTheWindowsGoAndInTurns() {
        client.begin();
        client.onRequest = exchange -> exchange.answer(200, "x".repeat(60_000));
        client.send(frames.get(1, "/a"), frames.get(3, "/b"));
        List<Frame> data = client.received(Http2Frames.DATA);
        assertEquals(65_535, data.stream().mapToInt(f -> f.payload().length).sum());
        assertEquals(
                List.of(1, 3, 1, 3), data.stream().map(Frame::stream).limit(4).toList());
        client.send(frames.number(Http2Frames.WINDOW_UPDATE, 0, 60_000));
        data = client.received(Http2Frames.DATA);
        assertEquals(
                120_000 - 65_535,
                data.stream().mapToInt(f -> f.payload().length).sum());
        assertEquals(2, data.stream().filter(f -> f.has(Http2Frames.END_STREAM)).count());
    }

    @Test
    void takesNoMoreThanABoundedQueue() {
        client.begin();
        client.onRequest = exchange -> exchange.respond(200, -1);
        client.send(frames.setting(4, 0), frames.get(1, "/"));
        Exchange exchange = client.exchanges.get(0);
        int written = 0;
        while (exchange.stream.writable()) {
            exchange.write("x".repeat(10_000));
            written += 10_000;
        }
        assertEquals(70_000, written);
        exchange.stream.flush();
        client.send(frames.number(Http2Frames.WINDOW_UPDATE, 1, 30_000));
        assertFalse(exchange.stream.writable());
        client.send(frames.number(Http2Frames.WINDOW_UPDATE, 1, 10_000));
        assertTrue(exchange.stream.writable());
        assertEquals("request, writable", exchange.events.toString());
        exchange.finish();
    }

    @Test
    void gathersTheAnswersOfOneReadInOneWrite() {
        client.begin();
        client.onRequest = exchange -> exchange.answer(200, "hello");
        byte[][] requests = new byte[20][];
        for (int i = 0; i < 20; i++) {
            requests[i] = frames.get(2 * i + 1, "/");
        }
        client.send(requests);
        assertEquals(1, client.channel.outboundMessages().size());
        assertEquals(20, client.received(Http2Frames.DATA).size());
    }

    @Test
    void leavesInTwoStepsWhenTheProcessIsToEnd() {
        client.begin();
        client.send(frames.get(1, "/slow"));
        client.draining = true;
        client.tickAfter(Duration.ofMillis(100));
        List<Frame> announced = client.received();
        Frame goAway = announced.stream()
                .filter(f -> f.type() == Http2Frames.GOAWAY)
                .findFirst()
                .orElseThrow();
        assertEquals(Integer.MAX_VALUE, goAway.number(0));
        Frame ping = announced.stream()
                .filter(f -> f.type() == Http2Frames.PING)
                .findFirst()
                .orElseThrow();
        // What was under way is still taken.
        client.send(frames.get(3, "/late"));
        client.send(frames.frame(Http2Frames.PING, Http2Frames.ACK, 0, ping.payload()));
        assertEquals(3, client.received(Http2Frames.GOAWAY).get(0).number(0));
        client.send(frames.get(5, "/too-late"));
        assertEquals(2, client.exchanges.size());
        client.exchanges.get(0).answer(200, "");
        client.exchanges.get(1).answer(200, "");
        assertEquals(2, client.received(Http2Frames.HEADERS).size());
        assertFalse(client.channel.isOpen());
    }

    @Test
    void leavesWhenTheClientDoesNotAnswerThePing() {
        client.begin();
        client.draining = true;
        client.tickAfter(Duration.ofMillis(100));
        client.tickAfter(Duration.ofMillis(1100));
        assertEquals(2, client.received(Http2Frames.GOAWAY).size());
        assertFalse(client.channel.isOpen());
    }

    @Test
    void givesUpAnAnswerThatNobodyTakes() {
        client.begin();
        client.onRequest = exchange -> exchange.answer(200, "x".repeat(100));
        client.send(frames.setting(4, 0), frames.get(1, "/"));
        client.received();
        client.tickAfter(Duration.ofSeconds(59));
        assertEquals(0, client.received(Http2Frames.RST_STREAM).size());
        client.tickAfter(Duration.ofSeconds(2));
        assertEquals(8, client.received(Http2Frames.RST_STREAM).get(0).number(0));
    }

    @Test
    void holdsManySmallPiecesInFewBuffers() {
        client.begin();
        client.onRequest = exchange -> exchange.stream.pause();
        client.send(frames.post(1, "/"));
        for (int i = 0; i < 50_000; i++) {
            client.send(frames.data(1, false, "x"));
        }
        client.exchanges.get(0).stream.resume();
        client.received();
        assertEquals(50_000, client.exchanges.get(0).bytes);
    }

    @Test
    void aRequestThatSaysItHasNoBodyAndHasOneIsSeenByNobody() {
        client.begin();
        client.send(frames.post(1, "/", "content-length", "0"));
        assertEquals(0, client.exchanges.size());
        client.send(frames.data(1, true, "GET /smuggled HTTP/1.1\r\n"));
        assertEquals(
                "rejected bad-content-length", client.exchanges.get(0).events.toString());
        assertEquals(1, client.received(Http2Frames.RST_STREAM).get(0).number(0));
    }

    @Test
    void aRequestThatSaysItHasNoBodyWaitsForItsEnd() {
        client.begin();
        client.onRequest = exchange -> {
            if (exchange.last) {
                exchange.answer(200, "");
            }
        };
        client.onEnd = exchange -> exchange.answer(200, "");
        client.send(frames.post(1, "/", "content-length", "0"), frames.data(1, false, ""));
        assertEquals(0, client.exchanges.size());
        client.send(frames.data(1, true, ""));
        client.send(frames.post(3, "/", "content-length", "0"), frames.headers(3, true, "x", "y"));
        client.send(frames.get(5, "/", "content-length", "0"));
        assertEquals(
                List.of("request", "request, end", "request"),
                client.exchanges.stream().map(e -> e.events.toString()).toList());
        assertEquals(List.of(Http2Frames.HEADERS, Http2Frames.HEADERS, Http2Frames.HEADERS), types(client.received()));
    }

    @Test
    void aRequestWhoseEndNeverComesIsRefused() {
        client.begin();
        client.send(frames.post(1, "/", "content-length", "0"));
        client.send(frames.post(3, "/", "content-length", "0"), frames.number(Http2Frames.RST_STREAM, 3, 8));
        client.tickAfter(Duration.ofSeconds(31));
        assertEquals(
                List.of("rejected truncated", "rejected body-timeout"),
                client.exchanges.stream().map(e -> e.events.toString()).toList());
        client.send(frames.post(5, "/", "content-length", "0"));
    }

    /** One client's frames are always cut at the end of a read; none of them is late. */
    @Test
    void aClientWithAlwaysAnotherFrameUnderWayIsNotLate() {
        client.begin();
        client.onRequest = exchange -> exchange.answer(200, "");
        byte[] rest = {};
        for (int i = 0; i < 300; i++) {
            byte[] next = frames.get(2 * i + 1, "/" + i, "x", i + "y".repeat(1000));
            client.send(Http2Frames.concat(rest, Arrays.copyOf(next, 500)));
            rest = Arrays.copyOfRange(next, 500, next.length);
            client.tickAfter(Duration.ofMillis(100));
        }
        client.send(rest);
        assertEquals(-1, goAway());
        assertEquals(300, client.exchanges.size());
    }

    @Test
    void aLateHeadEndsAloneAndOtherStreamsFinish() {
        client.begin();
        client.send(frames.get(1, "/slow"), frames.frame(Http2Frames.HEADERS, 1, 3, frames.block(":method", "GET")));
        for (int i = 0; i < 11; i++) {
            // A block in many frames is one head.
            client.tickAfter(Duration.ofSeconds(1));
            client.send(frames.frame(Http2Frames.CONTINUATION, 0, 3, frames.block("x", "y")));
        }
        assertEquals(List.of("request"), List.of(client.exchanges.get(0).events.toString()));
        assertEquals("rejected header-timeout", client.exchanges.get(1).events.toString());
        List<Frame> received = client.received();
        assertEquals(
                0,
                received.stream()
                        .filter(f -> f.type() == Http2Frames.GOAWAY)
                        .findFirst()
                        .orElseThrow()
                        .number(4));
        assertTrue(client.channel.isOpen());
        client.send(frames.frame(Http2Frames.CONTINUATION, 4, 3, frames.block("x", "y")));
        client.send(frames.number(Http2Frames.WINDOW_UPDATE, 0, 10));
        client.exchanges.get(0).answer(200, "done");
        received = client.received();
        assertEquals(List.of(Http2Frames.HEADERS, Http2Frames.DATA), types(received));
        assertFalse(client.channel.isOpen());
    }

    @Test
    void aFrameThatNeverEndsLetsOtherStreamsFinish() {
        client.begin();
        client.send(frames.get(1, "/slow"), Arrays.copyOf(frames.get(3, "/late"), 12));
        client.tickAfter(Duration.ofSeconds(1));
        client.tickAfter(Duration.ofSeconds(11));
        assertEquals(0, goAway());
        client.exchanges.get(0).answer(200, "");
        assertEquals(List.of(Http2Frames.HEADERS), types(client.received()));
        assertFalse(client.channel.isOpen());
    }

    private static List<Integer> types(List<Frame> received) {
        return received.stream().map(Frame::type).toList();
    }

    /** Answers before the end of an upload; returns the PING that came with the response. */
    private Frame answeredEarly() {
        client.begin();
        client.onRequest = exchange -> exchange.answer(413, "too much");
        client.send(frames.post(1, "/"), frames.data(1, false, "x".repeat(1000)));
        List<Frame> received = client.received();
        assertEquals(List.of(Http2Frames.HEADERS, Http2Frames.DATA, Http2Frames.PING), types(received));
        return received.get(2);
    }

    @Test
    void resetsAnUploadThatWasAnsweredOnceTheClientHasReadTheAnswer() {
        Frame ping = answeredEarly();
        client.send(frames.data(1, false, "x".repeat(16_000)), frames.data(1, false, "x".repeat(16_000)));
        assertEquals(List.of(), client.received(), "in flight before the client has read on");
        client.send(frames.frame(Http2Frames.PING, Http2Frames.ACK, 0, ping.payload()));
        Frame reset = client.received(Http2Frames.RST_STREAM).get(0);
        assertEquals(0, reset.number(0));
        client.send(frames.data(1, false, "late"), frames.get(3, "/"));
        assertEquals(2, client.exchanges.size());
    }

    @Test
    void resetsAnUploadThatWasAnsweredAfterASecondAtTheLatest() {
        answeredEarly();
        client.tickAfter(Duration.ofMillis(900));
        assertEquals(List.of(), client.received());
        client.tickAfter(Duration.ofMillis(200));
        assertEquals(0, client.received(Http2Frames.RST_STREAM).get(0).number(0));
    }

    @Test
    void resetsNothingWhenTheUploadEndsAfterTheAnswer() {
        Frame ping = answeredEarly();
        client.send(frames.data(1, true, "x"));
        client.send(frames.frame(Http2Frames.PING, Http2Frames.ACK, 0, ping.payload()));
        client.tickAfter(Duration.ofSeconds(2));
        assertEquals(List.of(), client.received());
    }

    @Test
    void aClientThatGivesUpAnAnsweredUploadDoesNotReset() {
        client.begin();
        client.onRequest = exchange -> exchange.answer(413, "");
        for (int stream = 1; stream < 1000; stream += 2) {
            client.send(frames.post(stream, "/"), frames.number(Http2Frames.RST_STREAM, stream, 8));
        }
        assertEquals(-1, goAway());
    }

    private int goAway() {
        List<Frame> all = client.received(Http2Frames.GOAWAY);
        return all.isEmpty() ? -1 : all.get(all.size() - 1).number(4);
    }

    /** Sends pieces until the connection ends, at most so often; returns the code of its GOAWAY, -1 for none. */
    private int flood(int times, byte[]... pieces) {
        for (int i = 0; i < times && client.channel.isOpen(); i++) {
            client.send(pieces);
        }
        return goAway();
    }

    @Test
    void endsFloodsAndSaysSo() {
        Metrics metrics = new Metrics(1);
        new ConnectionGuard("the connection of", metrics.counter("broken"), metrics.counter("flooded"))
                .install(client.channel);
        client.begin();
        assertEquals(11, flood(1100, frames.frame(Http2Frames.PING, 0, 0, new byte[8])));
        assertEquals(1, metrics.counter("flooded").getCount());
    }

    @Test
    void countsGoAways() {
        client.begin();
        assertEquals(11, flood(1100, frames.frame(Http2Frames.GOAWAY, 0, 0, new byte[8])));
    }

    /** What nobody takes is no sign of work: neither padding, nor data on a stream that has ended. */
    @Test
    void givesCreditOnlyForPayloadThatIsDelivered() {
        client.begin();
        client.onRequest = exchange -> exchange.answer(200, "");
        client.send(frames.get(1, "/"));
        client.received();
        byte[] ping = frames.frame(Http2Frames.PING, 0, 0, new byte[8]);
        byte[] padding = frames.frame(Http2Frames.DATA, 8, 1, (byte) 0);
        assertEquals(11, flood(200, ping, ping, ping, ping, ping, ping, ping, ping, ping, ping, padding));
    }

    @Test
    void givesNoCreditForPaddingOnAnOpenStream() {
        client.begin();
        client.send(frames.post(1, "/"));
        byte[] ping = frames.frame(Http2Frames.PING, 0, 0, new byte[8]);
        byte[] padding = frames.frame(Http2Frames.DATA, 8, 1, (byte) 0);
        assertEquals(11, flood(200, ping, ping, ping, ping, ping, ping, ping, ping, ping, ping, padding));
    }

    @Test
    void takesPingsBetweenDataThatIsDelivered() {
        client.begin();
        client.send(frames.post(1, "/"));
        byte[] ping = frames.frame(Http2Frames.PING, 0, 0, new byte[8]);
        assertEquals(-1, flood(1000, ping, ping, ping, ping, frames.data(1, false, "x")));
        client.exchanges.get(0).answer(200, "");
    }

    @Test
    void countsHeadersOfStreamsThatAreIgnored() {
        client.begin();
        client.onRequest = exchange -> {
            exchange.over = true;
            exchange.stream.reset();
        };
        client.send(frames.post(1, "/"));
        assertEquals(11, flood(600, frames.headers(1, true, "x", "y")));
    }

    @Test
    void limitsTheEntriesOfSettings() {
        client.begin();
        byte[] entry = {0, 4, 0, 0, 1, 0};
        byte[] most = new byte[32 * 6];
        for (int i = 0; i < most.length; i++) {
            most[i] = entry[i % 6];
        }
        client.send(frames.frame(Http2Frames.SETTINGS, 0, 0, most));
        assertTrue(client.channel.isOpen());
        client.send(frames.frame(Http2Frames.SETTINGS, 0, 0, Http2Frames.concat(most, entry)));
        assertEquals(11, goAway());
    }

    @Test
    void putsTheLastWindowOfAFrameInForceOnce() {
        client.begin();
        client.onRequest = exchange -> exchange.answer(200, "x".repeat(100));
        client.send(frames.setting(4, 0), frames.get(1, "/"));
        client.received();
        byte[] twice = {0, 4, 0, 0, 0, 100, 0, 4, 0, 0, 0, 7};
        client.send(frames.frame(Http2Frames.SETTINGS, 0, 0, twice));
        List<Frame> data = client.received(Http2Frames.DATA);
        assertEquals(1, data.size());
        assertEquals(7, data.get(0).payload().length);
    }

    /** Mutated frames, always the same ones: nothing throws, nothing leaks, and an end is said by GOAWAY. */
    @Test
    void survivesNoise() {
        Random random = new Random(20261122);
        for (int round = 0; round < 3000; round++) {
            Http2ClientFixture other = new Http2ClientFixture().begin();
            other.onRequest = exchange -> react(random, exchange);
            other.onEnd = exchange -> {
                if (!exchange.over) {
                    exchange.answer(200, "");
                }
            };
            boolean ended = false;
            for (int i = random.nextInt(20); i >= 0 && !ended; i--) {
                byte[] bytes = noise(random, other.frames);
                int cut = random.nextInt(bytes.length + 1);
                other.send(Arrays.copyOf(bytes, cut));
                other.send(Arrays.copyOfRange(bytes, cut, bytes.length));
                ended = !other.channel.isOpen();
            }
            boolean said = other.received(Http2Frames.GOAWAY).size() == 1;
            assertEquals(ended, said, "round " + round);
            other.close();
        }
    }

    private static void react(Random random, Exchange exchange) {
        switch (random.nextInt(5)) {
            case 0 -> exchange.answer(204, "");
            case 1 -> exchange.answer(200, "x".repeat(random.nextInt(100_000)));
            case 2 -> exchange.stream.pause();
            case 3 -> {
                exchange.over = true;
                exchange.stream.reset();
            }
            default -> {}
        }
    }

    private static byte[] noise(Random random, Http2Frames frames) {
        int stream = random.nextInt(4) == 0 ? random.nextInt(12) : 1 + 2 * random.nextInt(30);
        List<MuxSmugglingTable.Case> cases = MuxSmugglingTable.cases();
        byte[] bytes = switch (random.nextInt(9)) {
            case 0 -> frames.get(stream, "/");
            case 1 -> frames.post(stream, "/");
            case 2 -> frames.data(stream, random.nextBoolean(), "x".repeat(random.nextInt(16_000)));
            case 3 -> frames.headers(stream, true, "x", "y");
            case 4 -> frames.number(Http2Frames.WINDOW_UPDATE, stream, random.nextInt(1 << 20));
            case 5 -> frames.number(Http2Frames.RST_STREAM, stream, random.nextInt(12));
            case 6 -> frames.setting(random.nextInt(9), random.nextInt(1 << 17));
            case 7 -> frames.request(1, cases.get(random.nextInt(cases.size())).parts());
            default -> frames.frame(random.nextInt(12), random.nextInt(256), stream, new byte[random.nextInt(20)]);
        };
        if (random.nextInt(10) == 0) {
            bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
        }
        return bytes;
    }

    @Test
    void tellsThePrefaceFromHttp1() {
        for (String text : List.of("GET / HTTP/1.1\r\n", "PRI * HTTP/1.1\r\n", "POST / HTTP/1.1\r\n")) {
            EmbeddedChannel channel = new EmbeddedChannel(new ChannelInboundHandlerAdapter() {
                private boolean asked;

                @Override
                public void channelRead(ChannelHandlerContext ctx, Object in) {
                    boolean first = !asked;
                    asked = true;
                    if (!first
                            || !PrefaceDetector.takes(
                                    ctx.pipeline(), ctx.pipeline().last(), (ByteBuf) in, () -> {
                                        throw new AssertionError("taken for HTTP/2");
                                    })) {
                        ctx.fireChannelRead(in);
                    }
                }
            });
            for (byte b : text.getBytes(StandardCharsets.US_ASCII)) {
                channel.writeInbound(Unpooled.buffer().writeByte(b));
            }
            StringBuilder all = new StringBuilder();
            for (ByteBuf in = channel.readInbound(); in != null; in = channel.readInbound()) {
                all.append(in.toString(StandardCharsets.US_ASCII));
                in.release();
            }
            assertEquals(text, all.toString());
            channel.finishAndReleaseAll();
        }
    }
}
