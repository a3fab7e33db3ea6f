package weir.http2;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import weir.loop.ConnectionGuard;
import weir.metrics.Metrics;

class Http2BackendHandlerTest {
    private static final int MAX_CONCURRENT_STREAMS = 3;
    private static final int INITIAL_WINDOW_SIZE = 4;
    private static final int ENABLE_CONNECT_PROTOCOL = 8;

    private Http2BackendFixture on = Http2BackendFixture.settled();

    @AfterEach
    void nothingIsLeaked() {
        on.close();
    }

    private void settle(int... settings) {
        on.close();
        on = Http2BackendFixture.settled(settings);
    }

    private void pass(int seconds) {
        for (int i = 0; i < seconds; i += 5) {
            on.channel.advanceTimeBy(5, TimeUnit.SECONDS);
            on.channel.runScheduledPendingTasks();
        }
    }

    private static void assertStarts(String start, List<String> frames) {
        assertTrue(!frames.isEmpty() && frames.get(0).startsWith(start), frames::toString);
    }

    // The request

    @Test
    void sendsAHeadAsHeaderFields() {
        on.request(
                "a",
                "DELETE",
                true,
                "Host",
                "other",
                "X-Env",
                "Prod",
                "connection",
                "close",
                "upgrade",
                "h2c",
                "te",
                "gzip, trailers",
                "cookie",
                "a=b; c=d");
        assertEquals(
                List.of("HEADERS 1 end :method=DELETE :scheme=http :authority=example.com :path=/a x-env=Prod"
                        + " cookie=a=b; c=d te=trailers"),
                on.backend.received());
    }

    @Test
    void sendsABodyOfKnownLengthAndTrailers() {
        Http2BackendFixture.Attempt a = on.new Attempt("a");
        a.stream.request(Http2BackendFixture.head("POST", "/a?b=c", 5), false);
        a.stream.write(on.buffer("12345"));
        a.stream.finish(Http2BackendFixture.fields("X-Sum", "15"));
        a.stream.flush();
        assertEquals(
                List.of(
                        "HEADERS 1 :method=POST :scheme=http :authority=example.com :path=/a?b=c content-length=5",
                        "DATA 1 12345",
                        "HEADERS 1 end x-sum=15"),
                on.backend.received());
    }

    @Test
    void sendsNoMoreThanTheBackendsWindows() {
        settle(INITIAL_WINDOW_SIZE, 10);
        Http2BackendFixture.Attempt a = on.request("a", "PUT", false);
        assertTrue(a.stream.writable());
        a.stream.write(on.buffer(15));
        a.stream.flush();
        assertFalse(a.stream.writable());
        List<String> sent = on.backend.received();
        assertEquals("DATA 1 " + "\0".repeat(10), sent.get(1));
        on.backend.windowUpdate(1, 4);
        assertEquals(List.of("DATA 1 " + "\0".repeat(4)), on.backend.received());
        assertEquals(List.of(), on.attempts());
        a.stream.finish(null);
        on.backend.windowUpdate(1, 4);
        assertEquals(List.of("DATA 1 \0", "DATA 1 end "), on.backend.received());
    }

    @Test
    void saysWhenTheWindowOpens() {
        settle(INITIAL_WINDOW_SIZE, 10);
        Http2BackendFixture.Attempt a = on.request("a", "PUT", false);
        a.stream.write(on.buffer(10));
        assertFalse(a.stream.writable());
        on.backend.settings(INITIAL_WINDOW_SIZE, 20);
        assertEquals(List.of("a writable"), on.attempts());
        assertTrue(a.stream.writable());
    }

    @Test
    void streamsTakeTurnsWhenTheConnectionsWindowOpens() {
        settle(INITIAL_WINDOW_SIZE, 1 << 20);
        Http2BackendFixture.Attempt a = on.request("a", "PUT", false);
        Http2BackendFixture.Attempt b = on.request("b", "PUT", false);
        a.stream.write(on.buffer(65_535));
        a.stream.write(on.buffer(40_000));
        b.stream.write(on.buffer(40_000));
        a.stream.flush();
        on.backend.received();
        on.backend.windowUpdate(0, 40_000);
        assertEquals(List.of("DATA 1 16384 bytes", "DATA 3 16384 bytes", "DATA 1 7232 bytes"), on.backend.received());
    }

    // The response

    @Test
    void readsAResponseWithBodyAndTrailers() {
        on.get("a");
        on.backend.headers(1, false, ":status", "103", "link", "x");
        on.backend.headers(1, false, ":status", "200", "content-type", "text/plain");
        on.backend.data(1, false, "hello");
        on.backend.headers(1, true, "grpc-status", "0", "content-type", "not in trailers");
        assertEquals(
                List.of(
                        "a informational 103",
                        "a response 200 content-type=text/plain",
                        "a body hello",
                        "a end grpc-status=0"),
                on.attempts());
        assertFalse(on.handler.busy());
    }

    @Test
    void manyStreamsShareTheConnection() {
        on.get("a");
        on.get("b");
        on.backend.headers(3, true, ":status", "204");
        on.backend.headers(1, true, ":status", "200");
        assertEquals(List.of("b response 204 last", "a response 200 last"), on.attempts());
        assertTrue(on.get("c").stream.reused());
    }

    @Test
    void aPausedStreamHoldsOnlyItself() {
        Http2BackendFixture.Attempt a = on.get("a");
        on.get("b");
        on.backend.headers(1, false, ":status", "200");
        on.backend.headers(3, false, ":status", "200");
        a.stream.pause();
        on.attempts();
        on.backend.received();
        for (int i = 0; i < 8; i++) {
            on.backend.data(1, 16 * 1024);
        }
        on.backend.data(3, true, "b");
        assertEquals(List.of("b body b", "b end"), on.attempts());
        assertEquals(
                List.of(),
                on.backend.received().stream()
                        .filter(f -> f.startsWith("WINDOW_UPDATE 1"))
                        .toList());
        a.stream.resume();
        assertEquals(8, on.attempts().size());
        assertEquals(
                List.of("WINDOW_UPDATE 1 65536", "WINDOW_UPDATE 1 65536"),
                on.backend.received().stream()
                        .filter(f -> !f.startsWith("PING"))
                        .toList());
    }

    @Test
    void moreThanTheWindowIsAnError() {
        Http2BackendFixture.Attempt a = on.get("a");
        on.backend.headers(1, false, ":status", "200");
        a.stream.pause();
        on.attempts();
        for (int i = 0; i < 9; i++) {
            on.backend.data(1, 16 * 1024);
        }
        assertEquals(List.of("a failed INVALID_RESPONSE"), on.attempts());
    }

    @Test
    void theConnectionsWindowIsGivenBackAtOnce() {
        Http2BackendFixture.Attempt a = on.get("a");
        on.backend.headers(1, false, ":status", "200");
        a.stream.cancel();
        on.backend.received();
        for (int i = 0; i < 128; i++) {
            on.backend.data(1, 16 * 1024);
        }
        assertEquals(List.of("WINDOW_UPDATE 0 2097152"), on.backend.received());
    }

    @Test
    void tellsTheEndThatCameDuringAPause() {
        Http2BackendFixture.Attempt a = on.get("a");
        on.backend.headers(1, false, ":status", "200");
        a.stream.pause();
        on.backend.data(1, false, "x");
        on.backend.headers(1, true, "t", "1");
        on.backend.reset(1, Http2Error.NO_ERROR);
        assertEquals(List.of("a response 200"), on.attempts());
        a.stream.resume();
        assertEquals(List.of("a body x", "a end t=1"), on.attempts());
    }

    @Test
    void anEarlyResponseGivesUpWhatIsLeftOfTheRequest() {
        Http2BackendFixture.Attempt a = on.request("a", "POST", false);
        on.backend.received();
        on.backend.headers(1, true, ":status", "413");
        assertEquals(List.of("a response 413 last"), on.attempts());
        a.stream.write(on.buffer("late"));
        assertEquals(List.of("RST_STREAM 1 8"), on.backend.received());
    }

    @Test
    void aResponseToHeadHasNoBody() {
        on.request("a", "HEAD", true);
        on.backend.headers(1, true, ":status", "200", "content-length", "5");
        assertEquals(List.of("a response 200 last content-length=5"), on.attempts());
        on.request("b", "HEAD", true);
        on.backend.headers(3, false, ":status", "200", "content-length", "5");
        on.backend.data(3, true, "");
        assertEquals(List.of("b response 200 content-length=5", "b end"), on.attempts());
    }

    @Test
    void cancellingResetsTheStreamAlone() {
        Http2BackendFixture.Attempt a = on.get("a");
        on.get("b");
        on.backend.received();
        a.stream.cancel();
        assertEquals(List.of("RST_STREAM 1 8"), on.backend.received());
        on.backend.headers(1, true, ":status", "200");
        on.backend.headers(3, true, ":status", "200");
        assertEquals(List.of("b response 200 last"), on.attempts());
        assertEquals(List.of(), on.backend.received());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "x-a|1",
                ":status|abc",
                ":status|99",
                ":status|101",
                ":status|200|:status|200",
                ":status|200|Upper|1",
                ":status|200|connection|close",
                ":status|200|transfer-encoding|chunked",
                ":status|200|x-a|a\rb",
                ":status|200|x-a| a",
                ":status|200||v",
                ":status|200|content-length|1|content-length|1",
                ":status|200|content-length|+1",
                ":status|200|x-a|1|:path|/"
            })
    void aMalformedHeadEndsItsStreamAlone(String fields) {
        on.get("a");
        on.get("b");
        on.backend.received();
        on.backend.headers(1, false, fields.split("\\|"));
        assertEquals(List.of("a failed INVALID_RESPONSE"), on.attempts());
        assertEquals(List.of("RST_STREAM 1 1"), on.backend.received());
        on.backend.headers(3, true, ":status", "200");
        assertEquals(List.of("b response 200 last"), on.attempts());
    }

    @Test
    void theLengthMustBeWhatTheHeadSays() {
        on.get("a");
        on.backend.headers(1, false, ":status", "200", "content-length", "5");
        on.backend.data(1, true, "1234");
        assertEquals("a failed INVALID_RESPONSE", on.attempts().get(2));
        on.get("b");
        on.backend.headers(3, false, ":status", "200", "content-length", "5");
        on.backend.data(3, false, "123456");
        assertEquals("b failed INVALID_RESPONSE", on.attempts().get(1));
        on.get("c");
        on.backend.headers(5, true, ":status", "200", "content-length", "5");
        assertEquals(List.of("c failed INVALID_RESPONSE"), on.attempts());
        on.get("d");
        on.backend.headers(7, false, ":status", "204");
        on.backend.data(7, true, "1");
        assertEquals("d failed INVALID_RESPONSE", on.attempts().get(1));
    }

    @Test
    void aHeadBeyondTheLimitEndsItsStreamAlone() {
        on.close();
        on = new Http2BackendFixture(1024);
        on.backend.settings();
        on.get("a");
        on.get("b");
        on.attempts();
        on.backend.headers(1, true, ":status", "200", "x", "y".repeat(1100));
        on.backend.headers(3, true, ":status", "200");
        assertEquals(List.of("a failed HEAD_TOO_LARGE", "b response 200 last"), on.attempts());
    }

    // WebSocket

    @Test
    void opensAWebSocketByExtendedConnect() {
        settle(ENABLE_CONNECT_PROTOCOL, 1);
        Http2BackendFixture.Attempt a = on.new Attempt("a");
        weir.http.RequestHead head = Http2BackendFixture.head(
                "GET", "/chat", 0, "sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==", "sec-websocket-version", "13");
        head.upgradesToWebSocket(true);
        a.stream.request(head, true);
        a.stream.flush();
        assertEquals(
                List.of("HEADERS 1 :method=CONNECT :protocol=websocket :scheme=http :authority=example.com"
                        + " :path=/chat sec-websocket-version=13"),
                on.backend.received());
        on.backend.headers(1, false, ":status", "200");
        on.backend.data(1, false, "early");
        assertEquals(List.of("a response 101 sec-websocket-accept=s3pPLMBiTxaQ9kYGzzhZRbK+xOo="), on.attempts());
        a.stream.tunnel();
        assertEquals(List.of("a body early"), on.attempts());
        a.stream.write(on.buffer("frame"));
        a.stream.finish(null);
        a.stream.flush();
        assertEquals(List.of("DATA 1 frame", "DATA 1 end "), on.backend.received());
        assertTrue(on.handler.busy());
        on.backend.data(1, true, "bye");
        assertEquals(List.of("a body bye", "a end"), on.attempts());
        assertFalse(on.handler.busy());
    }

    @Test
    void aBackendWithoutExtendedConnectOpensNoWebSocket() {
        Http2BackendFixture.Attempt a = on.new Attempt("a");
        weir.http.RequestHead head = Http2BackendFixture.head("GET", "/chat", 0);
        head.upgradesToWebSocket(true);
        a.stream.request(head, true);
        assertEquals(List.of("a failed UNSUPPORTED"), on.attempts());
        assertEquals(List.of(), on.backend.received());
    }

    // The connection

    @Test
    void theHandshakeIsDoneWithTheBackendsSettings() {
        on.close();
        on = new Http2BackendFixture();
        assertEquals(List.of("SETTINGS 0", "WINDOW_UPDATE 0 4128769"), on.backend.received());
        assertThrows(IllegalStateException.class, () -> on.get("a"));
        on.backend.settings();
        assertEquals(List.of("handshake done"), on.attempts());
        assertEquals(List.of("SETTINGS 0 ack"), on.backend.received());
    }

    @Test
    void aBackendThatSpeaksHttp1FailsTheHandshake() {
        on.close();
        on = new Http2BackendFixture();
        on.channel.writeInbound(on.buffer("HTTP/1.1 400 Bad Request\r\n\r\n"));
        assertEquals(
                List.of("handshake failed: no settings came first: it does not speak HTTP/2", "closed"), on.attempts());
        assertFalse(on.channel.isOpen());
    }

    @Test
    void carriesAsManyStreamsAsTheBackendTakes() {
        settle(MAX_CONCURRENT_STREAMS, 2);
        on.get("a");
        assertEquals("released", on.room());
        Http2BackendFixture.Attempt b = on.get("b");
        assertEquals("withdrawn", on.room());
        assertThrows(IllegalStateException.class, () -> on.get("c"));
        b.stream.cancel();
        assertEquals("released", on.room());
        on.backend.settings(MAX_CONCURRENT_STREAMS, 1);
        assertEquals("withdrawn", on.room());
    }

    @Test
    void aGoAwayRefusesWhatWasNotLookedAt() {
        on.get("a");
        on.get("b");
        on.backend.goAway(1, 0);
        assertEquals("withdrawn", on.room());
        assertEquals(List.of("b failed REFUSED"), on.attempts());
        on.backend.headers(1, true, ":status", "200");
        assertEquals(List.of("closed", "a response 200 last"), on.attempts());
        assertFalse(on.channel.isOpen());
    }

    @Test
    void tellsRefusedFromReset() {
        on.get("a");
        on.get("b");
        on.backend.reset(1, Http2Error.REFUSED_STREAM);
        on.backend.reset(3, Http2Error.INTERNAL_ERROR);
        assertEquals(List.of("a failed REFUSED", "b failed RESET"), on.attempts());
    }

    @Test
    void closingWaitsForTheLastStream() {
        on.get("a");
        on.attempts();
        on.handler.close();
        assertTrue(on.channel.isOpen());
        on.backend.headers(1, true, ":status", "200");
        assertEquals(List.of("closed", "a response 200 last"), on.attempts());
        assertFalse(on.channel.isOpen());
    }

    @Test
    void aLostConnectionFailsEveryStream() {
        on.get("a");
        on.get("b");
        on.channel.close();
        assertEquals(List.of("closed", "a failed RESET", "b failed RESET"), on.attempts());
    }

    @Test
    void asksASilentBackendAndGivesItUp() {
        on.get("a");
        on.backend.received();
        pass(20);
        assertEquals(List.of("PING 0"), on.backend.received());
        on.backend.frame(6, 1, 0, Unpooled.copyLong(0));
        pass(200);
        assertEquals(List.of(), on.backend.received());
        pass(100);
        assertEquals("PING 0", on.backend.received().get(0));
        pass(5);
        assertEquals(List.of("closed", "a failed RESET"), on.attempts());
    }

    @Test
    void doesNotAskWhileNothingIsOpen() {
        pass(60);
        assertEquals(List.of(), on.backend.received());
    }

    // Hostile backends

    @Test
    void refusesPushes() {
        on.get("a");
        on.backend.frame(5, 4, 1, Unpooled.buffer().writeInt(2));
        assertEquals(List.of("closed", "a failed RESET"), on.attempts());
        assertStarts("HEADERS 1", on.backend.received());
    }

    private void flood(int type, int times) {
        int size = type == 6 ? 8 : type == 2 ? 5 : type == 8 ? 4 : 0;
        for (int i = 0; i < times; i++) {
            io.netty.buffer.ByteBuf payload = Unpooled.wrappedBuffer(new byte[size]);
            on.backend.frame(type, 0, type == 2 ? 1 : 0, type == 8 ? payload.setByte(3, 1) : payload);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 4, 6, 8, 11})
    void aFloodRetiresTheConnectionAndLetsItsStreamsEnd(int type) {
        on.get("a");
        on.get("b");
        on.backend.headers(1, false, ":status", "200");
        on.attempts();
        flood(type, 1100);
        assertEquals("withdrawn", last(on.events));
        assertThrows(IllegalStateException.class, () -> on.get("c"));
        on.backend.data(1, true, "x");
        assertEquals(List.of("a body x", "a end"), on.attempts());
        on.backend.headers(3, true, ":status", "200");
        assertEquals(List.of("closed", "b response 200 last"), on.attempts());
        assertFalse(on.channel.isOpen());
    }

    private static String last(List<String> events) {
        return events.get(events.size() - 1);
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 4, 6, 8, 11})
    void aGrossFloodEndsTheConnection(int type) {
        Metrics metrics = new Metrics(1);
        new ConnectionGuard("the connection to", metrics.counter("broken"), metrics.counter("flooded"))
                .install(on.channel);
        on.get("a");
        on.attempts();
        flood(type, 10_100);
        assertEquals(List.of("closed", "a failed RESET"), on.attempts());
        assertTrue(on.backend.received().contains("GOAWAY 0 11"));
        assertEquals(1, metrics.counter("flooded").getCount());
    }

    @Test
    void takesWhatAServerSendsForEachResponse() {
        for (int i = 0; i < 3000; i++) {
            int stream = 2 * i + 1;
            on.request("a", "POST", false);
            on.backend.inOneRead(() -> {
                flood(6, 1);
                on.backend.windowUpdate(0, 1);
                on.backend.headers(stream, false, ":status", "200");
                on.backend.data(stream, false, "x");
                io.netty.buffer.ByteBuf trailers = on.backend.block("grpc-status", "0");
                on.backend.frame(1, 1, stream, trailers.readRetainedSlice(1));
                on.backend.frame(9, 4, stream, trailers);
                on.backend.reset(stream, Http2Error.NO_ERROR);
            });
            on.backend.received();
        }
        assertEquals("released", on.room());
        assertTrue(on.channel.isOpen());
    }

    /** Many clients that give up, none of them too often, must not have the backend close on all. */
    @Test
    void takesAnotherConnectionBeforeResetsAreTooManyForABackend() {
        on.get("stays");
        int resets = 0;
        while (!on.events.isEmpty() && on.room().equals("released")) {
            on.events.clear();
            on.get("gone").stream.cancel();
            resets++;
        }
        assertTrue(resets > 20 && resets + 99 + resets < 200, "resets: " + resets);
        assertThrows(IllegalStateException.class, () -> on.get("c"));
        on.attempts();
        on.backend.headers(1, true, ":status", "200");
        assertEquals(List.of("closed", "stays response 200 last"), on.attempts());
    }

    @Test
    void countsResetsWithinAPeriodOnly() {
        for (int i = 0; i < 40; i++) {
            for (int k = 0; k < 10; k++) {
                on.get("gone").stream.cancel();
            }
            on.backend.received();
            pass(10);
        }
        assertEquals("released", on.room());
    }

    @Test
    void limitsTheEntriesOfSettings() {
        on.get("a");
        on.attempts();
        int[] many = new int[2 * 33];
        for (int i = 0; i < many.length; i += 2) {
            many[i] = INITIAL_WINDOW_SIZE;
            many[i + 1] = i;
        }
        on.backend.settings(java.util.Arrays.copyOf(many, 2 * 32));
        assertEquals(List.of(), on.attempts());
        on.backend.settings(many);
        assertEquals(List.of("closed", "a failed RESET"), on.attempts());
    }

    @Test
    void putsTheLastWindowOfAFrameInForceOnce() {
        settle(INITIAL_WINDOW_SIZE, 0);
        Http2BackendFixture.Attempt a = on.request("a", "PUT", false);
        a.stream.write(on.buffer(15));
        a.stream.flush();
        on.backend.received();
        on.backend.settings(INITIAL_WINDOW_SIZE, 15, INITIAL_WINDOW_SIZE, 4);
        assertEquals(List.of("DATA 1 " + "\0".repeat(4), "SETTINGS 0 ack"), on.backend.received());
    }

    @Test
    void waitsForABackendThatAllowsNoStreamYet() {
        on.close();
        on = new Http2BackendFixture();
        on.backend.settings(MAX_CONCURRENT_STREAMS, 0);
        on.backend.received();
        assertEquals(List.of(), on.attempts());
        on.backend.settings(MAX_CONCURRENT_STREAMS, 1);
        assertEquals(List.of("handshake done"), on.attempts());
        on.get("a");
        assertStarts("SETTINGS 0 ack", on.backend.received());
    }

    @Test
    void limitsContinuations() {
        on.get("a");
        on.attempts();
        on.backend.frame(1, 0, 1, on.backend.block(":status", "200"));
        for (int i = 0; i < 17; i++) {
            on.backend.frame(9, 0, 1, Unpooled.buffer(0));
        }
        assertEquals(List.of("closed", "a failed RESET"), on.attempts());
    }

    @Test
    void joinsContinuations() {
        on.get("a");
        on.attempts();
        io.netty.buffer.ByteBuf block = on.backend.block(":status", "200", "x-a", "1");
        on.backend.frame(1, 1, 1, block.readRetainedSlice(3));
        on.backend.frame(9, 4, 1, block);
        assertEquals(List.of("a response 200 last x-a=1"), on.attempts());
    }

    @Test
    void readsFramesHoweverTheyAreCut() {
        Http2BackendFixture.Attempt a = on.get("a");
        on.attempts();
        on.backend.received();
        io.netty.buffer.ByteBuf all = Unpooled.buffer();
        io.netty.buffer.ByteBuf block = on.backend.block(":status", "200");
        all.writeMedium(block.readableBytes() + 4).writeByte(1).writeByte(4 | 8).writeInt(1);
        all.writeByte(3).writeBytes(block).writeZero(3);
        all.writeMedium(8).writeByte(0).writeByte(1 | 8).writeInt(1).writeByte(4);
        all.writeBytes("abc".getBytes(StandardCharsets.US_ASCII)).writeZero(4);
        while (all.isReadable()) {
            on.channel.writeInbound(on.buffer(1).setByte(0, all.readByte()));
        }
        assertEquals(List.of("a response 200", "a body a", "a body b", "a body c", "a end"), on.attempts());
        assertFalse(on.handler.busy());
        assertEquals("a", a.name);
    }

    @Test
    void frameErrorsEndTheConnection() {
        on.get("a");
        on.attempts();
        on.backend.headers(3, true, ":status", "200"); // not asked for
        assertEquals(List.of("closed", "a failed RESET"), on.attempts());
        assertTrue(on.backend.received().contains("GOAWAY 0 1"));
    }
}
