package weir.http1;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.channel.socket.ChannelOutputShutdownException;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import weir.http.RequestHead;
import weir.testing.ExpectsBug;

class Http1BackendHandlerTest {
    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    private static final String POST = "POST /p HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\n";
    private static final String WEBSOCKET =
            "GET /w HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                    + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    private static final String SWITCH =
            "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: WebSocket\r\n"
                    + "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";

    private final BackendFixture backend = new BackendFixture();

    @AfterEach
    void releasesEverything() {
        backend.close();
    }

    // Reuse

    @Test
    void servesOneRequestAfterAnother() {
        backend.get();
        assertFalse(backend.stream().reused());
        backend.send(OK);
        backend.get();
        assertTrue(backend.stream().reused());
        backend.send(OK);
        assertEquals("GET /a HTTP/1.1\r\nhost: h\r\n\r\n".repeat(2), backend.received());
        assertEquals(
                List.of("response 200", "body ok", "end", "released", "response 200", "body ok", "end", "released"),
                backend.events);
        assertEquals(2, backend.handler.requests());
    }

    @Test
    void mayBeOpenedAgainFromWithinRelease() {
        backend.onReleased = () -> {
            if (backend.handler.requests() < 3) {
                backend.get();
            }
        };
        backend.get();
        backend.send(OK);
        backend.send(OK);
        backend.send(OK);
        assertEquals(3, backend.handler.requests());
        assertEquals(12, backend.events.size());
        assertTrue(backend.channel.isOpen());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
                "HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n",
                "HTTP/1.1 204 No Content\r\n\r\nleft over",
                "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\nHTTP/1.1 200 OK\r\n"
            })
    void closesWhatCannotBeUsedAgain(String response) {
        backend.get();
        backend.send(response);
        assertTrue(backend.events.get(0).endsWith(" last"), () -> backend.events.toString());
        assertEquals(List.of("closed"), backend.events.subList(1, backend.events.size()));
        assertFalse(backend.channel.isOpen());
    }

    @Test
    void reusesHttp10ConnectionThatIsKeptAlive() {
        backend.get();
        backend.send("HTTP/1.0 200 OK\r\nContent-Length: 0\r\nConnection: Keep-Alive\r\n\r\n");
        assertEquals(List.of("response 200 last", "released"), backend.events);
    }

    @Test
    void closesIdleConnectionOnAnyByte() {
        backend.send("x");
        assertEquals(List.of("closed"), backend.events);
        assertFalse(backend.channel.isOpen());
    }

    @Test
    void closesIdleConnectionOnEnd() {
        backend.get();
        backend.send(OK);
        backend.channel.fin();
        assertEquals("closed", backend.events.get(4));
        assertFalse(backend.channel.isOpen());
    }

    @Test
    void closesIdleConnectionOnError() {
        backend.channel.pipeline().fireExceptionCaught(new IOException("reset"));
        assertEquals(List.of("closed"), backend.events);
    }

    @Test
    void refusesStreamWhoseResponseCameBeforeTheRequest() {
        backend.handler.open(backend);
        backend.send(OK);
        assertEquals(List.of("closed", "failed REFUSED"), backend.events);
    }

    @Test
    void closesForTheOwner() {
        backend.handler.close();
        backend.handler.close();
        assertEquals(List.of("closed"), backend.events);
    }

    @Test
    void failsStreamWhenOwnerCloses() {
        backend.get();
        backend.handler.close();
        assertEquals(List.of("closed", "failed RESET"), backend.events);
    }

    // Responses

    @Test
    void deliversChunkedResponse() {
        backend.get();
        backend.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n2\r\nab\r\n0\r\nX: y\r\n\r\n");
        assertEquals(List.of("response 200", "body ab", "end X=y", "released"), backend.events);
    }

    @Test
    void deliversResponseThatEndsWithConnection() {
        backend.get();
        backend.send("HTTP/1.1 200 OK\r\n\r\nabc");
        backend.channel.fin();
        assertEquals(List.of("response 200", "body abc", "end", "closed"), backend.events);
    }

    @Test
    void failsResponseThatShouldEndWithConnectionButBreaks() {
        backend.get();
        backend.send("HTTP/1.1 200 OK\r\n\r\nabc");
        backend.channel.pipeline().fireExceptionCaught(new IOException("reset"));
        assertEquals(List.of("response 200", "body abc", "closed", "failed RESET"), backend.events);
    }

    @Test
    void headResponseHasNoBody() {
        backend.request("HEAD / HTTP/1.1\r\nHost: h\r\n\r\n", true);
        backend.send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n");
        assertEquals(List.of("response 200 last", "released"), backend.events);
    }

    @Test
    void notModifiedHasNoBody() {
        backend.get();
        backend.send("HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n");
        assertEquals(List.of("response 304 last", "released"), backend.events);
    }

    @Test
    void deliversInformationalResponsesFirst() {
        backend.get();
        backend.send("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + OK);
        assertEquals("informational 100", backend.events.get(0));
        assertEquals("informational 103", backend.events.get(1));
        assertEquals("response 200", backend.events.get(2));
    }

    @Test
    void boundsInformationalResponses() {
        backend.get();
        backend.send("HTTP/1.1 103 Early Hints\r\n\r\n".repeat(33));
        assertEquals("failed INVALID_RESPONSE", backend.events.get(backend.events.size() - 1));
        assertEquals(34, backend.events.size());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n",
                "HTTP/1.1 200 OK\r\n",
                "HTTP/1.1 100 Continue\r\n\r\n",
                ""
            })
    void failsTruncatedResponse(String response) {
        backend.get();
        backend.send(response);
        backend.channel.fin();
        assertEquals("failed RESET", backend.events.get(backend.events.size() - 1));
        assertFalse(backend.events.contains("end"));
        assertFalse(backend.channel.isOpen());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n",
                "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\n",
                "HTTP/1.1 200 OK\r\nContent-Length: +2\r\n\r\n",
                "HTTP/1.1 200 OK\r\nContent-Length: 2,2\r\n\r\n",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n",
                "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
                "HTTP/1.1 204 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
                "HTTP/1.1 103 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
                "HTTP/1.1 200 OK\r\nX : y\r\n\r\n",
                "HTTP/1.1 200 OK\r\nX: y\r\n z\r\n\r\n",
                "HTTP/1.1 200 OK\r\nX: y\0\r\n\r\n",
                "HTTP/1.1 200 OK\nX: y\n\n",
                "HTTP/1.1 200 OK\rX: y\r\n\r\n",
                "HTTP/1.1 099 OK\r\n\r\n",
                "HTTP/1.1 600 OK\r\n\r\n",
                "HTTP/1.1 20 OK\r\n\r\n",
                "HTTP/1.1 2000 OK\r\n\r\n",
                "HTTP/2.0 200 OK\r\n\r\n",
                "HTTP/1.2 200 OK\r\n\r\n",
                "ICY 200 OK\r\n\r\n",
                "SSH-2.0-OpenSSH\r\n",
                "\r\nHTTP/1.1 200 OK\r\n\r\n",
                "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n",
                "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: h2c\r\n\r\n"
            })
    void failsInvalidResponse(String response) {
        backend.get();
        backend.send(response);
        assertEquals(List.of("closed", "failed INVALID_RESPONSE"), backend.events);
        assertFalse(backend.channel.isOpen());
    }

    @Test
    void failsInvalidChunk() {
        backend.get();
        backend.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0x2\r\nab\r\n0\r\n\r\n");
        assertEquals(List.of("response 200", "closed", "failed INVALID_RESPONSE"), backend.events);
    }

    @Test
    void failsHeadThatIsTooLarge() {
        BackendFixture small = new BackendFixture(100);
        small.get();
        small.send("HTTP/1.1 200 OK\r\nX: " + "y".repeat(100) + "\r\n\r\n");
        assertEquals(List.of("closed", "failed HEAD_TOO_LARGE"), small.events);
        small.close();
    }

    @Test
    void passesNamesWithUnderscore() {
        backend.get();
        backend.send("HTTP/1.1 200\r\nX_Y: z\r\nContent-Length: 0\r\n\r\n");
        assertEquals("X_Y", backend.head().fields().name(0));
    }

    @Test
    void keepsHeadValidUntilTheEnd() {
        backend.get();
        backend.send("HTTP/1.1 200 Fine\r\nX: y\r\nContent-Length: 2\r\n\r\no");
        assertEquals("y", backend.head().fields().value(0));
        backend.onEnd = () -> assertEquals("y", backend.head().fields().value(0));
        backend.send("k");
        assertEquals("released", backend.events.get(4));
    }

    @Test
    void tellsEndToReceiverThatPausedAfterTheLastByte() {
        backend.onBody = () -> backend.stream().pause();
        backend.get();
        backend.send(OK);
        assertEquals(List.of("response 200", "body ok", "end", "released"), backend.events);
    }

    @Test
    void holdsResponseWhilePaused() {
        backend.onResponse = () -> backend.stream().pause();
        backend.get();
        backend.send(OK);
        assertEquals(List.of("response 200"), backend.events);
        assertFalse(backend.channel.config().isAutoRead());
        backend.channel.fin();
        assertEquals(1, backend.events.size(), "what came before the end is delivered first");
        backend.stream().resume();
        assertEquals(1, backend.events.size(), "not from within resume");
        backend.channel.runPendingTasks();
        assertEquals(List.of("response 200", "body ok", "end", "closed"), backend.events);
    }

    @Test
    void saysNothingMoreOnceCancelled() {
        backend.onBody = () -> backend.stream().cancel();
        backend.get();
        backend.send(OK);
        assertEquals(List.of("response 200", "body ok", "closed"), backend.events);
        assertFalse(backend.channel.isOpen());
    }

    @Test
    void ignoresCancelWhileIdle() {
        backend.get();
        backend.send(OK);
        backend.stream().cancel();
        assertTrue(backend.channel.isOpen());
    }

    // Requests

    @Test
    void writesBodyOfKnownLength() {
        backend.request(POST, false);
        backend.stream().write(backend.buffer("hello"));
        backend.stream().finish(null);
        backend.stream().flush();
        assertEquals("POST /p HTTP/1.1\r\nhost: h\r\ncontent-length: 5\r\n\r\nhello", backend.received());
        backend.send(OK);
        assertEquals("released", backend.events.get(3));
    }

    @Test
    void writesChunkedBody() {
        backend.request("POST /p HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n", false);
        backend.stream().write(backend.buffer("hello"));
        backend.stream().finish(null);
        backend.stream().flush();
        assertEquals(
                "POST /p HTTP/1.1\r\nhost: h\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
                backend.received());
    }

    @Test
    void failsRequestThatIsLongerThanAnnounced() {
        backend.request(POST, false);
        backend.stream().write(backend.buffer("hello!"));
        assertEquals(List.of("closed", "failed RESET"), backend.events);
    }

    @Test
    void failsRequestThatIsShorterThanAnnounced() {
        backend.request(POST, false);
        backend.stream().finish(null);
        assertEquals(List.of("closed", "failed RESET"), backend.events);
    }

    @Test
    void deliversEarlyResponseAndCloses() {
        backend.request(POST, false);
        backend.stream().write(backend.buffer("he"));
        backend.send(OK);
        assertEquals(List.of("response 200", "body ok", "end", "closed"), backend.events);
        backend.stream().write(backend.buffer("llo"));
        backend.stream().finish(null);
    }

    @Test
    void reusesWhenRequestEndsBeforeEarlyResponse() {
        backend.onResponse = () -> {
            backend.stream().write(backend.buffer("hello"));
            backend.stream().finish(null);
        };
        backend.request(POST, false);
        backend.send(OK);
        assertEquals("released", backend.events.get(3));
    }

    @Test
    void readsAnswerOfBackendThatTakesNoMore() {
        backend.request(POST, false);
        backend.channel.pipeline().fireExceptionCaught(new ChannelOutputShutdownException("broken pipe"));
        backend.stream().write(backend.buffer("hello"));
        backend.stream().finish(null);
        backend.send(OK);
        assertEquals(List.of("response 200", "body ok", "end", "closed"), backend.events);
    }

    // Tunnels

    @ParameterizedTest
    @ValueSource(strings = {"", "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOp=\r\n", "Sec-WebSocket-Accept: \r\n"})
    void aSwitchThatDoesNotAnswerTheKeyIsInvalid(String accept) {
        backend.request(WEBSOCKET, true);
        backend.send(
                "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: WebSocket\r\n" + accept + "\r\n");
        assertEquals(List.of("closed", "failed INVALID_RESPONSE"), backend.events);
    }

    @Test
    void tunnelsAfterSwitch() {
        backend.request(WEBSOCKET, true);
        backend.onResponse = () -> backend.stream().tunnel();
        backend.send(SWITCH + "early");
        backend.stream().write(backend.buffer("raw"));
        backend.stream().flush();
        assertEquals(
                "GET /w HTTP/1.1\r\nhost: h\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                        + "connection: upgrade\r\nupgrade: websocket\r\n\r\nraw",
                backend.received());
        backend.stream().finish(null);
        backend.channel.runPendingTasks();
        assertTrue(backend.channel.isOutputShutdown());
        backend.send("late");
        backend.channel.fin();
        assertEquals(List.of("response 101", "body early", "body late", "end", "closed"), backend.events);
    }

    @Test
    void holdsTunnelledBytesUntilTheTunnelBegins() {
        backend.request(WEBSOCKET, true);
        backend.send(SWITCH + "early");
        assertEquals(List.of("response 101"), backend.events);
        backend.stream().tunnel();
        backend.channel.runPendingTasks();
        assertEquals(List.of("response 101", "body early"), backend.events);
        backend.channel.fin();
        backend.stream().finish(null);
        backend.channel.runPendingTasks();
        assertEquals(List.of("response 101", "body early", "end", "closed"), backend.events);
    }

    @Test
    void failsTunnelThatBreaks() {
        backend.request(WEBSOCKET, true);
        backend.onResponse = () -> backend.stream().tunnel();
        backend.send(SWITCH);
        backend.channel.pipeline().fireExceptionCaught(new IOException("reset"));
        assertEquals(List.of("response 101", "closed", "failed RESET"), backend.events);
    }

    @Test
    void keepsRequestHeadForAnotherAttempt() {
        RequestHead head = BackendFixture.request("GET /a HTTP/1.1\r\nHost: h\r\nConnection: x\r\nX: y\r\n\r\n");
        int bytes = head.fields().length();
        backend.handler.open(backend).request(head, true);
        assertEquals(bytes, head.fields().length());
        head.fields().undoEdits();
        assertEquals("y", head.fields().value(2));
    }

    @Test
    @ExpectsBug
    void aBugInATaskFailsTheAttempt() {
        backend.onBody = () -> {
            throw new IllegalStateException("a bug of the test");
        };
        backend.get();
        backend.send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n");
        backend.stream().pause();
        backend.send("ab");
        backend.stream().resume();
        backend.channel.runPendingTasks();
        assertTrue(backend.events.contains("failed RESET"), backend.events::toString);
    }
}
