package weir.http1;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import weir.http.Fields;
import weir.http.ResponseHead;
import weir.testing.ExpectsBug;

class Http1ClientHandlerTest {
    private static final String GET = "GET /a HTTP/1.1\r\nHost: h\r\n\r\n";
    private static final String POST = "POST /p HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\n";
    private static final String LARGE = "POST /p HTTP/1.1\r\nHost: h\r\nContent-Length: 100000\r\n\r\n";
    private static final String CHUNKED = "POST /c HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
    private static final String WEBSOCKET =
            "GET /w HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: WebSocket\r\n"
                    + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

    private final ClientFixture client = new ClientFixture();

    @AfterEach
    void releasesEverything() {
        client.close();
    }

    // Exchanges

    @Test
    void readsNoHeadWhileTheClientDoesNotTakeItsAnswers() {
        ClientFixture client = new ClientFixture();
        client.onRequest = () -> client.answer(200, "hello");
        client.send("GET /1 HTTP/1.1\r\nHost: h\r\n\r\n");
        client.channel.unsafe().outboundBuffer().setUserDefinedWritability(1, false);
        client.send("GET /2 HTTP/1.1\r\nHost: h\r\n\r\nGET /3 HTTP/1.1\r\nHost: h\r\n\r\n");
        assertEquals(List.of("request GET /1 last"), client.events);
        assertFalse(client.channel.config().isAutoRead());
        client.channel.unsafe().outboundBuffer().setUserDefinedWritability(1, true);
        client.channel.runPendingTasks();
        assertEquals(List.of("request GET /1 last", "request GET /2 last", "request GET /3 last"), client.events);
        assertTrue(client.channel.config().isAutoRead());
        client.close();
    }

    @Test
    void servesOneRequestAfterAnother() {
        client.send(GET);
        client.answer(200, "one");
        client.send(GET);
        client.answer(204, "");
        assertEquals(
                "HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\none" + "HTTP/1.1 204 No Content\r\n\r\n",
                client.received());
        assertEquals(List.of("request GET /a last", "request GET /a last"), client.events);
        assertEquals(2, client.handler.handledRequests());
        assertTrue(client.channel.isOpen());
    }

    @Test
    void writesSmallResponseAtOnce() {
        client.send(GET);
        client.answer(200, "small");
        assertEquals(1, client.writes());
    }

    @Test
    void parsesPipelinedRequestOnlyAfterResponseIsFinished() {
        client.send(GET + GET + GET);
        assertEquals(1, client.events.size());
        assertFalse(client.channel.config().isAutoRead(), "reading stops while requests are held");
        client.stream().respond(client.head(200, 0), true);
        assertEquals(1, client.events.size(), "the next one comes from a task");
        client.channel.runPendingTasks();
        assertEquals(2, client.events.size());
        client.answer(200, "2");
        client.channel.runPendingTasks();
        client.answer(200, "3");
        assertEquals(3, client.handler.handledRequests());
        assertTrue(client.channel.config().isAutoRead());
    }

    @Test
    void answersTenThousandPipelinedRequestsWithoutRecursion() {
        client.onRequest = () -> client.answer(204, "");
        client.send(GET.repeat(10_000));
        assertEquals(10_000, client.handler.handledRequests());
        assertEquals(
                10_000 * "HTTP/1.1 204 No Content\r\n\r\n".length(),
                client.received().length());
    }

    @Test
    void closesWhenClientAsksForIt() {
        client.send("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
        client.answer(200, "x");
        assertTrue(client.received().contains("connection: close\r\n"));
        assertFalse(client.channel.isOpen());
    }

    @Test
    void closesWhenProxyAsksForIt() {
        client.send(GET);
        client.stream().closeAfterResponse();
        client.answer(200, "x");
        assertTrue(client.received().contains("connection: close\r\n"));
        assertFalse(client.channel.isOpen());
    }

    @Test
    void closesHttp10ConnectionUnlessKeptAlive() {
        client.send("GET / HTTP/1.0\r\n\r\n");
        client.answer(200, "x");
        assertTrue(client.received().startsWith("HTTP/1.1 200 OK\r\ncontent-length: 1\r\nconnection: close\r\n"));
        assertFalse(client.channel.isOpen());
    }

    @Test
    void keepsHttp10ConnectionAliveWhenAsked() {
        client.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
        client.answer(200, "x");
        assertTrue(client.received().contains("connection: keep-alive\r\n"));
        assertTrue(client.channel.isOpen());
    }

    @Test
    void endsBodyOfUnknownLengthByCloseForHttp10() {
        client.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
        client.stream().respond(client.head(200, ResponseHead.UNKNOWN_LENGTH), false);
        client.stream().write(client.buffer("x"));
        client.stream().finish(null);
        assertEquals("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nx", client.received());
        assertFalse(client.channel.isOpen());
    }

    @Test
    void sendsNoInformationalToHttp10() {
        client.send("GET / HTTP/1.0\r\n\r\n");
        client.stream().inform(client.head(103, 0));
        client.stream().flush();
        assertEquals("", client.received());
    }

    @Test
    void sendsBodyOfUnknownLengthInChunks() {
        client.send(GET);
        client.stream().respond(client.head(200, ResponseHead.UNKNOWN_LENGTH), false);
        client.stream().write(client.buffer("one"));
        client.stream().write(client.buffer(""));
        client.stream().write(client.buffer("x".repeat(300)));
        client.stream().flush();
        assertEquals(
                "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\none\r\n12c\r\n" + "x".repeat(300) + "\r\n",
                client.received());
        Fields trailers = new Fields();
        trailers.add("grpc-status".getBytes()).value("0");
        client.stream().finish(trailers);
        client.stream().flush();
        assertEquals("0\r\ngrpc-status: 0\r\n\r\n", client.received());
        assertTrue(client.channel.isOpen());
    }

    @Test
    void sendsNoBodyToHead() {
        client.send("HEAD / HTTP/1.1\r\nHost: h\r\n\r\n");
        client.answer(200, "four");
        assertEquals("HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\n", client.received());
    }

    @Test
    void sendsNoBodyWithNotModified() {
        client.send(GET);
        client.answer(304, "four");
        assertEquals("HTTP/1.1 304 Not Modified\r\ncontent-length: 4\r\n\r\n", client.received());
    }

    @Test
    void relaysInformationalResponses() {
        client.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nExpect: 100-continue\r\n\r\n");
        client.stream().inform(client.head(100, 0));
        client.stream().flush();
        assertEquals("HTTP/1.1 100 Continue\r\n\r\n", client.received());
        client.send("x");
        client.answer(200, "");
        assertEquals("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n", client.received());
        assertTrue(client.channel.isOpen());
    }

    @Test
    void closesWhenExpectationIsNotAwaited() {
        client.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nExpect: 100-continue\r\n\r\n");
        client.answer(417, "no");
        assertTrue(client.received().contains("connection: close\r\n"));
        assertTrue(client.channel.isOutputShutdown());
    }

    @Test
    void breaksResponseOffThatIsLongerThanAnnounced() {
        client.send(GET);
        client.stream().respond(client.head(200, 3), false);
        client.stream().write(client.buffer("four"));
        assertFalse(client.channel.isOpen());
        assertEquals(List.of("request GET /a last", "aborted"), client.events);
    }

    @Test
    void breaksResponseOffThatIsShorterThanAnnounced() {
        client.send(GET);
        client.stream().respond(client.head(200, 5), false);
        client.stream().write(client.buffer("four"));
        client.stream().finish(null);
        assertFalse(client.channel.isOpen());
    }

    @Test
    void survivesResetInsideEveryEvent() {
        client.onRequest = () -> client.stream().reset();
        client.send(POST + "hello" + GET);
        assertEquals(List.of("request POST /p"), client.events);
        assertFalse(client.channel.isOpen());
    }

    @Test
    void survivesResetInsideBody() {
        client.onBody = () -> client.stream().reset();
        client.send(CHUNKED + "1\r\na\r\n1\r\nb\r\n0\r\n\r\n" + GET);
        assertEquals(List.of("request POST /c", "body a"), client.events);
        assertFalse(client.channel.isOpen());
    }

    @Test
    void readsNoRequestBehindConnect() {
        client.onRequest = () -> client.answer(405, "");
        client.send("CONNECT h:443 HTTP/1.1\r\nHost: h\r\n\r\n" + GET);
        assertEquals(List.of("request CONNECT h:443 last"), client.events);
        assertTrue(client.received().contains("connection: close\r\n"));
    }

    // Bodies

    @Test
    void deliversBodyOfKnownLength() {
        client.send(POST + "he");
        client.send("llo" + GET);
        assertEquals(List.of("request POST /p", "body he", "body llo", "end"), client.events);
    }

    @Test
    void deliversChunkedBodyWithoutExtensionsAndWithTrailers() {
        client.send(CHUNKED + "3;a=b;c=\"d;\\\"\";e\r\none\r\nA\r\n0123456789\r\n000\r\n"
                + "X-Sum: 1\r\nContent-Length: 3\r\nHost: x\r\nx_y: 1\r\nAuthorization: x\r\n\r\n");
        assertEquals(List.of("request POST /c", "body one", "body 0123456789", "end X-Sum=1"), client.events);
    }

    @Test
    void holdsBodyWhilePaused() {
        client.onRequest = () -> client.stream().pause();
        client.send(POST + "hello");
        assertEquals(List.of("request POST /p"), client.events);
        assertFalse(client.channel.config().isAutoRead());
        client.onRequest = () -> {};
        client.stream().resume();
        assertEquals(1, client.events.size(), "not from within resume");
        client.channel.runPendingTasks();
        assertEquals(List.of("request POST /p", "body hello", "end"), client.events);
        assertTrue(client.channel.config().isAutoRead());
    }

    @Test
    void tellsEndToReceiverThatPausedAfterTheLastByte() {
        client.onBody = () -> client.stream().pause();
        client.send(POST + "12345");
        assertEquals("end", client.events.get(client.events.size() - 1));
        client.answer(200, "ok");
        client.send(GET);
        assertEquals(2, client.handler.handledRequests());
        assertTrue(client.channel.isOpen());
    }

    @Test
    void pausesBetweenChunks() {
        client.onBody = () -> client.stream().pause();
        client.send(CHUNKED + "1\r\na\r\n1\r\nb\r\n0\r\n\r\n");
        assertEquals(2, client.events.size());
        client.stream().resume();
        client.channel.runPendingTasks();
        assertEquals(3, client.events.size());
        client.stream().resume();
        client.channel.runPendingTasks();
        assertEquals(List.of("request POST /c", "body a", "body b", "end"), client.events);
    }

    @Test
    void closesAfterResponseThatDidNotWaitForTheBody() {
        client.send(LARGE + "he");
        client.answer(413, "");
        assertTrue(client.received().contains("connection: close\r\n"));
        assertTrue(client.channel.isOutputShutdown());
        assertTrue(client.channel.isOpen());
        client.send("llo" + GET);
        assertEquals(2, client.events.size(), "what comes is thrown away");
        client.channel.fin();
        assertFalse(client.channel.isOpen());
    }

    @Test
    void readsTheRestOfABodyThatTheResponseDidNotWaitFor() {
        client.send(POST + "he");
        client.answer(413, "");
        assertFalse(client.received().contains("connection: close\r\n"));
        client.send("llo" + GET);
        assertEquals(3, client.events.size(), "the next request is read behind the body");
    }

    @Test
    void closesWhenTheRestOfAnAnsweredBodyDoesNotCome() {
        client.send(POST + "he");
        client.answer(413, "");
        client.received();
        client.tickAfter(Duration.ofSeconds(9));
        assertTrue(client.channel.isOpen());
        client.tickAfter(Duration.ofSeconds(31));
        assertFalse(client.channel.isOpen());
    }

    @Test
    void closesLingeringConnectionAfterTwoSeconds() {
        client.send(LARGE + "he");
        client.answer(413, "");
        client.received();
        client.tickAfter(Duration.ofMillis(1900));
        assertTrue(client.channel.isOpen());
        client.tickAfter(Duration.ofMillis(2100));
        assertFalse(client.channel.isOpen());
    }

    @Test
    void closesLingeringConnectionThatSendsTooMuch() {
        client.send(LARGE + "he");
        client.answer(413, "");
        client.received();
        byte[] much = new byte[1024 * 1024];
        for (int i = 0; i < 8; i++) {
            client.send(much);
        }
        assertTrue(client.channel.isOpen());
        client.send(much);
        assertFalse(client.channel.isOpen());
    }

    // Time

    @Test
    void closesConnectionThatSendsNothing() {
        client.tickAfter(Duration.ofSeconds(9));
        assertTrue(client.channel.isOpen());
        client.tickAfter(Duration.ofSeconds(11));
        assertFalse(client.channel.isOpen());
        assertEquals(List.of(), client.events);
    }

    @Test
    void refusesSlowHead() {
        client.onFault = () -> client.answer(408, "");
        client.send("GET / HT");
        client.tickAfter(Duration.ofSeconds(9));
        assertEquals(List.of(), client.events);
        client.tickAfter(Duration.ofSeconds(11));
        assertEquals(List.of("rejected header-timeout"), client.events);
        assertTrue(client.received().startsWith("HTTP/1.1 408 "));
    }

    @Test
    void refusesSlowBody() {
        client.onFault = () -> client.answer(408, "");
        client.send(POST + "he");
        client.tickAfter(Duration.ofSeconds(29));
        client.tickAfter(Duration.ofSeconds(31));
        assertEquals(List.of("request POST /p", "body he", "broken body-timeout"), client.events);
        assertTrue(client.received().startsWith("HTTP/1.1 408 "));
        assertTrue(client.channel.isOutputShutdown());
    }

    @Test
    void waitsForTheBodyAsLongAsTheRouteSays() {
        client.onRequest =
                () -> client.stream().bodyTimeout(Duration.ofSeconds(50).toNanos());
        client.send(POST + "he");
        client.tickAfter(Duration.ofSeconds(49));
        assertEquals(List.of("request POST /p", "body he"), client.events);
        client.tickAfter(Duration.ofSeconds(51));
        assertEquals(List.of("request POST /p", "body he", "broken body-timeout"), client.events);
    }

    @Test
    void doesNotHurryABodyWhoseResponseHasBegun() {
        client.send(POST + "he");
        client.stream().respond(client.head(200, -1), false);
        client.tickAfter(Duration.ofSeconds(31));
        assertEquals(List.of("request POST /p", "body he"), client.events);
        assertTrue(client.channel.isOpen());
    }

    @Test
    void doesNotBlameClientForPausedBody() {
        client.send(POST + "he");
        client.stream().pause();
        client.tickAfter(Duration.ofSeconds(31));
        assertEquals(List.of("request POST /p", "body he"), client.events);
    }

    @Test
    void closesIdleConnectionInSilence() {
        client.send(GET);
        client.answer(200, "");
        client.received();
        client.tickAfter(Duration.ofSeconds(59));
        assertTrue(client.channel.isOpen());
        client.tickAfter(Duration.ofSeconds(61));
        assertFalse(client.channel.isOpen());
        assertEquals("", client.received());
        assertEquals(1, client.events.size());
    }

    @Test
    void waitsForAnswerWithoutLimit() {
        client.send(GET);
        client.tickAfter(Duration.ofDays(1));
        assertTrue(client.channel.isOpen());
    }

    @Test
    void saysCloseWhileDraining() {
        client.send(GET);
        client.draining = true;
        client.answer(200, "");
        assertTrue(client.received().contains("connection: close\r\n"));
        assertFalse(client.channel.isOpen());
    }

    @Test
    void closesIdleConnectionOneSecondIntoDraining() {
        client.send(GET);
        client.answer(200, "");
        client.draining = true;
        client.tickAfter(Duration.ofSeconds(5));
        assertTrue(client.channel.isOpen());
        client.tickAfter(Duration.ofMillis(5900));
        assertTrue(client.channel.isOpen());
        client.tickAfter(Duration.ofMillis(6100));
        assertFalse(client.channel.isOpen());
    }

    // The client's end

    @Test
    void answersClientThatEndedItsDirection() {
        client.send(GET);
        client.channel.fin();
        assertTrue(client.channel.isOpen());
        client.answer(200, "x");
        assertTrue(client.received().endsWith("connection: close\r\n\r\nx"));
        assertFalse(client.channel.isOpen());
    }

    @Test
    void answersAllPipelinedRequestsBeforeTheEnd() {
        client.send(GET + GET);
        client.channel.fin();
        client.answer(200, "1");
        client.channel.runPendingTasks();
        client.answer(200, "2");
        assertEquals(2, client.handler.handledRequests());
        assertFalse(client.channel.isOpen());
    }

    @Test
    void closesIdleConnectionThatEnds() {
        client.send(GET);
        client.answer(200, "");
        client.channel.fin();
        assertFalse(client.channel.isOpen());
        assertEquals(1, client.events.size());
    }

    @Test
    void abortsWhenInputEndsInsideBody() {
        client.send(POST + "he");
        client.channel.fin();
        assertEquals(List.of("request POST /p", "body he", "aborted"), client.events);
        assertFalse(client.channel.isOpen());
    }

    @Test
    void rejectsHeadThatEndsTooSoon() {
        client.onFault = () -> client.answer(400, "");
        client.send("GET / HTT");
        client.channel.fin();
        assertEquals(List.of("rejected truncated"), client.events);
        assertFalse(client.channel.isOpen());
    }

    @Test
    void rejectsHeadWhoseConnectionBreaks() {
        client.onFault = () -> client.answer(400, "");
        client.send("GET / HTT");
        client.channel.close();
        assertEquals(List.of("rejected truncated"), client.events);
    }

    @Test
    void abortsWhenConnectionBreaks() {
        client.send(GET);
        client.channel.pipeline().fireExceptionCaught(new IOException("reset"));
        assertEquals(List.of("request GET /a last", "aborted"), client.events);
        assertFalse(client.channel.isOpen());
        client.answer(200, "late");
        assertEquals("", client.received());
    }

    @Test
    void hearsNothingMoreAfterItsResponse() {
        client.send(GET);
        client.answer(200, "");
        client.channel.close();
        assertEquals(1, client.events.size());
    }

    @Test
    void toleratesFewEmptyLinesBeforeRequest() {
        client.send("\r\n\r\n" + GET);
        assertEquals(List.of("request GET /a last"), client.events);
    }

    @Test
    void emptyLineAloneIsNoRequest() {
        client.send(GET);
        client.answer(200, "");
        client.send("\r\n");
        client.channel.fin();
        assertEquals(1, client.events.size());
    }

    // Tunnels

    @Test
    void tunnelsAfterSwitch() {
        client.send(WEBSOCKET + "early");
        assertEquals(List.of("request GET /w last"), client.events);
        client.stream().respond(client.head(101, 0), false);
        client.stream().tunnel();
        client.stream().flush();
        assertEquals(
                "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n",
                client.received());
        client.send("raw");
        client.stream().write(client.buffer("back"));
        client.stream().flush();
        assertEquals("back", client.received());
        client.channel.runPendingTasks();
        assertEquals(List.of("request GET /w last", "body early", "body raw"), client.events);
        client.channel.fin();
        assertEquals("end", client.events.get(3));
        assertTrue(client.channel.isOpen());
        client.stream().finish(null);
        client.channel.runPendingTasks();
        assertFalse(client.channel.isOpen());
        assertEquals(4, client.events.size());
    }

    @Test
    void endsOneDirectionOfTunnelAfterTheOther() {
        client.send(WEBSOCKET);
        client.stream().respond(client.head(101, 0), false);
        client.stream().tunnel();
        client.stream().write(client.buffer("bye"));
        client.stream().finish(null);
        assertTrue(client.received().endsWith("bye"));
        assertTrue(client.channel.isOutputShutdown());
        assertTrue(client.channel.isOpen());
        client.send("more");
        client.channel.fin();
        assertEquals(List.of("request GET /w last", "body more", "end"), client.events);
        assertFalse(client.channel.isOpen());
    }

    @Test
    void abortsTunnelThatBreaks() {
        client.send(WEBSOCKET);
        client.stream().respond(client.head(101, 0), false);
        client.stream().tunnel();
        client.channel.close();
        assertEquals(List.of("request GET /w last", "aborted"), client.events);
    }

    @Test
    void otherUpgradesAreNoTunnels() {
        client.send("GET /w HTTP/1.1\r\nHost: h\r\nConnection: Upgrade, HTTP2-Settings\r\n"
                + "Upgrade: h2c\r\nHTTP2-Settings: x\r\n\r\nraw");
        client.stream().tunnel();
        client.channel.runPendingTasks();
        assertEquals(List.of("request GET /w last"), client.events);
        assertNull(client.channel.readOutbound());
    }

    // Bugs

    @Test
    @ExpectsBug
    void aBugInATaskBreaksTheRequestOff() {
        client.onRequest = () -> client.stream().pause();
        client.onBody = () -> {
            throw new IllegalStateException("a bug of the test");
        };
        client.onFault = () -> client.answer(500, "");
        client.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nab");
        client.stream().resume();
        client.channel.runPendingTasks();
        assertEquals("broken internal", client.events.get(client.events.size() - 1));
        assertTrue(client.received().startsWith("HTTP/1.1 500 "));
    }
}
