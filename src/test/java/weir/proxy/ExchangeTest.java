package weir.proxy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import weir.http.BackendFailure;
import weir.http.MessageError;
import weir.metrics.MetricFamily;
import weir.testing.MuxBackendStream;
import weir.testing.MuxClient;
import weir.testing.MuxClientStream;

/** Exchanges over a protocol that is no HTTP/1.1: many streams of one client at a time, many to one backend. */
class ExchangeTest {
    @TempDir
    Path directory;

    private ProxyFixture fixture;
    private MuxClient client;

    @BeforeEach
    void start() {
        fixture = new ProxyFixture(directory);
        client = fixture.client();
    }

    @Test
    void passesARequestAndItsResponseOn() {
        MuxClientStream get =
                client.open("GET", "/to/a", 0, false, "accept", "text/plain", "connection", "x", "x", "y");
        MuxBackendStream backend = fixture.backend();
        assertEquals("GET /to/a", backend.line);
        assertTrue(backend.requestEnded);
        assertTrue(backend.fields.contains("accept: text/plain"));
        assertFalse(backend.fields.contains("x: y"));
        assertTrue(backend.flushes > 0);

        backend.respond(200, 3, false, "connection", "z, keep-alive", "z", "1", "date", "D", "server", "s");
        backend.data(3);
        backend.finishResponse();

        assertEquals(200, get.status);
        assertEquals(3, get.received);
        assertTrue(get.finished);
        assertEquals(List.of("date: D", "server: s"), get.fields);
        assertEquals("200 - 127.0.0.1:1/200", fixture.verify().get("/to/a"));
    }

    @Test
    void dateIsAddedWhereTheBackendSaidNone() {
        MuxClientStream get = client.get("/to/a");
        fixture.backend().respond(204, 0, true);
        assertEquals(1, get.fields.size());
        assertTrue(get.fields.get(0).matches("date: \\w{3}, \\d\\d \\w{3} \\d{4} .* GMT"), get.fields.get(0));
        fixture.verify();
    }

    @Test
    void streamsOfOneConnectionDoNotDisturbEachOther() {
        fixture.network.streams = 3;
        MuxClientStream one = client.get("/to/1");
        MuxClientStream two = client.post("/to/2", -1);
        fixture.network.connectAll();
        MuxClientStream three = client.get("/to/3");
        MuxClientStream four = client.get("/nowhere");
        assertEquals(404, four.status);
        List<MuxBackendStream> backends = fixture.network.live();
        assertEquals(3, backends.size());
        two.send(10);
        stream(backends, "/to/3").respond(200, 0, true);
        stream(backends, "/to/1").respond(503, 7, false);
        two.end();
        stream(backends, "/to/2").respond(201, 0, true);
        assertEquals(200, three.status);
        assertEquals(201, two.status);
        assertFalse(one.over);
        assertEquals(10, stream(backends, "/to/2").received);
        fixture.backOff();
        fixture.backend().respond(202, 0, true);
        assertEquals(202, one.status);

        Map<String, String> log = fixture.verify();
        assertTrue(log.get("/to/1").startsWith("202 - "), log.get("/to/1"));
        assertEquals("404 no-route -", log.get("/nowhere"));
    }

    private static MuxBackendStream stream(List<MuxBackendStream> all, String path) {
        return all.stream()
                .filter(s -> s.line != null && s.line.endsWith(path))
                .findAny()
                .orElseThrow();
    }

    @Test
    void oneBackendConnectionCarriesSeveralStreams() {
        fixture.verify();
        fixture = new ProxyFixture(directory.resolve("one"), fixture.service.config(), 0, 1);
        fixture.network.streams = 2;
        client = fixture.client();
        client.get("/to/1");
        fixture.network.connectAll();
        client.get("/to/2");
        client.get("/to/3");
        fixture.network.connectAll();
        assertEquals(2, fixture.network.backends.size());
        assertEquals(2, fixture.network.backends.get(0).live().size());
        assertEquals(1, fixture.network.backends.get(1).live().size());
        fixture.network.live().forEach(s -> s.respond(200, 0, true));
        fixture.verify();
    }

    @Test
    void aReloadChangesNothingForRequestsUnderWay() {
        MuxClientStream before = client.get("/to/before");
        fixture.proxy.publish(fixture.routing());
        MuxClientStream after = client.get("/fixed/after");
        fixture.backend().respond(200, 0, true);
        assertEquals(200, before.status);
        assertEquals(200, after.status);
        assertEquals(5, after.received);
        fixture.verify();
    }

    @Test
    void redirectsAndFixedAnswersAreCountedForTheirRoute() {
        MuxClientStream get = client.get("/gone/a");
        assertEquals(301, get.status);
        assertTrue(get.fields.contains("location: https://example.com/gone/a"));
        assertEquals(1, requests("/gone", "", "3xx"));
        fixture.verify();
    }

    @Test
    void anAnswerBeforeTheBodyWasReadLeavesTheConnectionToItsProtocol() {
        MuxClientStream post = client.post("/fixed", 10);
        assertEquals(200, post.status);
        assertFalse(post.closes);
        fixture.verify();
    }

    private long requests(String route, String service, String statusClass) {
        return fixture.count(
                MetricFamily.REQUESTS,
                "listener",
                "web",
                "route",
                route,
                "service",
                service,
                "status_class",
                statusClass);
    }

    @Test
    void theBodyWaitsForAConnection() {
        MuxClientStream post = client.post("/to/a", 10);
        assertTrue(post.paused);
        MuxBackendStream backend = fixture.backend();
        assertFalse(post.paused);
        assertFalse(backend.requestEnded);
        post.send(10);
        post.end();
        assertEquals(10, backend.received);
        assertTrue(backend.requestEnded);
        backend.respond(200, 0, true);
        fixture.verify();
    }

    @Test
    void aSlowBackendStopsTheClient() {
        MuxClientStream post = client.post("/to/a", -1);
        MuxBackendStream backend = fixture.backend();
        backend.writable(false);
        post.send(1);
        assertTrue(post.paused);
        backend.writable(true);
        assertFalse(post.paused);
        post.end();
        backend.respond(200, 0, true);
        fixture.verify();
    }

    @Test
    void aSlowClientStopsTheBackend() {
        MuxClientStream get = client.get("/to/a");
        MuxBackendStream backend = fixture.backend();
        backend.respond(200, -1, false);
        get.writable(false);
        backend.data(1);
        assertTrue(backend.paused);
        get.writable(true);
        assertFalse(backend.paused);
        backend.finishResponse();
        fixture.verify();
    }

    @Test
    void anEarlyResponseEndsTheExchange() {
        MuxClientStream post = client.post("/to/a", -1);
        MuxBackendStream backend = fixture.backend();
        post.send(1);
        backend.respond(413, 0, true);
        assertEquals(413, post.status);
        assertTrue(post.over);
        assertEquals("413 - 127.0.0.1:1/413", fixture.verify().get("/to/a"));
    }

    @Test
    void relaysInterimResponses() {
        MuxClientStream post = client.post("/to/a", 3);
        MuxBackendStream backend = fixture.backend();
        backend.inform(100);
        backend.inform(103);
        backend.readComplete();
        assertEquals(List.of(100, 103), post.informed);
        assertEquals(0, post.unflushed);
        post.send(3);
        post.end();
        backend.respond(200, 0, true);
        fixture.verify();
    }

    @Test
    void aTunnelEndsWhenBothDirectionsHave() {
        MuxClientStream ws = tunnel();
        MuxBackendStream backend = fixture.backend();
        ws.send(5);
        backend.data(7);
        assertEquals(5, backend.received);
        assertEquals(7, ws.received);
        backend.finishResponse();
        assertTrue(ws.finished);
        assertFalse(ws.over);
        assertEquals(1, fixture.proxyMetrics.tunnels());
        ws.send(1);
        ws.end();
        assertTrue(ws.over);
        assertEquals("101 - 127.0.0.1:1/101", fixture.verify().get("/to/ws"));
    }

    @Test
    void aTunnelThatTheClientEndsFirst() {
        MuxClientStream ws = tunnel();
        MuxBackendStream backend = fixture.backend();
        ws.end();
        assertTrue(backend.requestEnded);
        backend.data(7);
        backend.finishResponse();
        assertTrue(ws.over);
        assertEquals("101 - 127.0.0.1:1/101", fixture.verify().get("/to/ws"));
    }

    @Test
    void aTunnelHalfClosedIsGivenAMoment() {
        MuxClientStream ws = tunnel();
        ws.end();
        fixture.tick(9_000);
        assertFalse(ws.over);
        fixture.tick(2_000);
        assertTrue(ws.wasReset);
        assertEquals("101 tunnel-idle 127.0.0.1:1/tunnel-idle", fixture.verify().get("/to/ws"));
    }

    private MuxClientStream tunnel() {
        MuxClientStream ws = client.open("GET", "/to/ws", 0, true);
        MuxBackendStream backend = fixture.backend();
        backend.respond(101, 0, false);
        assertTrue(ws.tunnel && backend.tunnel && !ws.paused);
        assertEquals(101, ws.status);
        return ws;
    }

    @Test
    void aClientThatLeavesWhileConnectingLeavesTheConnectionToTheNext() {
        MuxClientStream get = client.get("/to/1");
        get.abort();
        fixture.network.connectAll();
        assertEquals(0, fixture.network.live().size());
        assertEquals(1, fixture.idle());
        client.get("/to/2"); // the other backend
        client.get("/to/3");
        assertEquals("GET /to/3", fixture.network.live().get(0).line);
        fixture.network.connectAll();
        fixture.network.live().forEach(s -> s.respond(200, 0, true));
        assertEquals("499 client-gone 127.0.0.1:1/client-gone", fixture.verify().get("/to/1"));
    }

    @Test
    void aClientThatLeavesIsNotTheBackendsFault() {
        MuxClientStream body = client.post("/to/1", 5);
        MuxBackendStream first = fixture.backend();
        body.send(1);
        body.abort();
        assertTrue(first.cancelled);
        MuxClientStream waiting = client.get("/to/2");
        fixture.backend();
        waiting.abort();
        MuxClientStream reading = client.get("/to/3");
        MuxBackendStream third = fixture.backend();
        third.respond(200, 9, false);
        third.data(1);
        reading.abort();
        assertTrue(third.cancelled);
        MuxClientStream backingOff = client.get("/to/4");
        fixture.backend().fail(BackendFailure.RESET);
        backingOff.abort();
        fixture.backOff();
        assertEquals(List.of(), fixture.network.live());
        assertEquals(
                1,
                fixture.service.backends().stream().mapToLong(b -> b.errors()).sum());
        Map<String, String> log = fixture.verify();
        assertTrue(log.get("/to/1").startsWith("499 client-gone"));
        assertTrue(log.get("/to/2").startsWith("499 client-gone"));
        assertTrue(log.get("/to/3").startsWith("200 client-gone"));
        assertTrue(log.get("/to/4").startsWith("499 client-gone"));
    }

    @Test
    void aResponseThatBreaksOffBreaksOffForTheClient() {
        MuxClientStream get = client.get("/to/a");
        MuxBackendStream backend = fixture.backend();
        backend.respond(200, 10, false);
        backend.data(4);
        backend.fail(BackendFailure.RESET);
        assertTrue(get.wasReset);
        assertFalse(get.finished);
        assertEquals(
                "200 backend-reset 127.0.0.1:1/backend-reset", fixture.verify().get("/to/a"));
    }

    @Test
    void aBrokenBodyIsAnsweredAndTheBackendLetGo() {
        MuxClientStream post = client.post("/to/a", -1);
        MuxBackendStream backend = fixture.backend();
        post.send(1);
        post.breakOff(MessageError.BODY_TIMEOUT);
        assertEquals(408, post.status);
        assertTrue(post.closes);
        assertTrue(backend.cancelled);
        assertEquals(
                "408 body-timeout 127.0.0.1:1/body-timeout", fixture.verify().get("/to/a"));
    }

    @Test
    void refusedHeadsAreAnsweredLoggedAndCounted() {
        assertEquals(431, client.refused("/x", MessageError.FIELDS_TOO_LARGE).status);
        assertEquals(405, client.open("CONNECT", "/c", 0, false).status);
        assertEquals(400, client.get("/%00").status);
        Map<String, String> log = fixture.verify();
        assertEquals("431 headers-too-large -", log.get("/x"));
        assertEquals("405 connect-refused -", log.get("/c"));
        assertEquals("400 bad-path -", log.get("/%00"));
    }

    @Test
    void bodiesAreLimitedByTheirLengthAndByTheirBytes() {
        fixture.verify();
        fixture = new ProxyFixture(directory.resolve("limited"), fixture.service.config(), 10, 2);
        client = fixture.client();
        assertEquals(413, client.post("/to/told", 11).status);
        MuxClientStream counted = client.post("/to/counted", -1);
        MuxBackendStream backend = fixture.backend();
        counted.send(10);
        assertFalse(counted.over);
        counted.send(1);
        assertEquals(413, counted.status);
        assertTrue(counted.closes);
        assertTrue(backend.cancelled);
        Map<String, String> log = fixture.verify();
        assertEquals("413 body-too-large -", log.get("/to/told"));
        assertEquals("413 body-too-large 127.0.0.1:1/body-too-large", log.get("/to/counted"));
    }

    @Test
    void whenTheDrainTookTooLongWhatIsLeftEnds() {
        MuxClientStream waiting = client.get("/to/1");
        MuxClientStream connecting = client.get("/to/2");
        fixture.network.connectAll();
        MuxClientStream reading = client.get("/to/3");
        fixture.network.connectAll();
        stream(fixture.network.live(), "/to/3").respond(200, 5, false);
        fixture.loop.expire();
        fixture.tick(100);
        assertEquals(503, waiting.status);
        assertTrue(waiting.closes);
        assertEquals(503, connecting.status);
        assertTrue(reading.wasReset);
        assertTrue(fixture.verify().get("/to/1").startsWith("503 shutdown"));
    }

    @Test
    void aBugIsAnswered500AndClosesTheConnection() {
        MuxClientStream get = client.get("/to/1");
        MuxBackendStream backend = fixture.backend();
        get.breakNextCall();
        backend.respond(200, 5, false);
        assertTrue(get.wasReset);
        assertTrue(backend.cancelled);
        MuxClientStream post = client.post("/to/2", -1);
        MuxBackendStream second = fixture.backend();
        second.breakNextCall();
        post.send(1);
        assertEquals(500, post.status);
        assertTrue(post.closes);
        MuxClientStream last = client.get("/to/3");
        last.breakNextCall();
        fixture.backend().respond(200, 0, true);
        assertTrue(last.wasReset);
        assertEquals(3, fixture.errors().size());
        Map<String, String> log = fixture.verify();
        assertTrue(log.get("/to/1").startsWith("200 internal"), log.get("/to/1"));
        assertTrue(log.get("/to/2").startsWith("500 internal"), log.get("/to/2"));
    }

    @Test
    void withoutFileDescriptorsTheRequestFailsOnItsOwnLoop() {
        fixture.network.exhausted = true;
        MuxClientStream get = client.get("/to/1");
        assertEquals(0, get.status, "answered before the pool was ready, or on another thread");
        fixture.network.run();
        fixture.backOff();
        fixture.backOff();
        assertEquals(502, get.status);
        assertTrue(fixture.verify().get("/to/1").startsWith("502 connect-failed"));
    }

    @Test
    void aBackendThatTakesNoConnectionIsTriedNoMore() {
        MuxClientStream get = client.get("/to/1");
        fixture.network.run();
        fixture.network.connecting().get(0).fail(new IOException("refused"));
        fixture.backOff();
        fixture.backend().respond(200, 0, true);
        assertEquals(200, get.status);
        assertEquals(
                "200 - 127.0.0.1:1/connect-failed,127.0.0.1:2/200",
                fixture.verify().get("/to/1"));
    }
}
