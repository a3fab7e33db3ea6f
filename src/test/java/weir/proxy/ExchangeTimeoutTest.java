package weir.proxy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import weir.config.ServiceConfig;
import weir.testing.MuxBackendStream;
import weir.testing.MuxClient;
import weir.testing.MuxClientStream;
import weir.testing.ServiceFixture;

/** The default timeouts, with a limit of 300 s for a whole request, on a clock that the test moves. */
class ExchangeTimeoutTest {
    @TempDir
    Path directory;

    private ProxyFixture fixture;
    private MuxClient client;

    @BeforeEach
    void start() {
        ServiceConfig config = ServiceFixture.config(ServiceConfig.Balance.ROUND_ROBIN);
        ServiceConfig.Timeouts timeouts = config.timeouts();
        config = new ServiceConfig(
                config.name(),
                config.balance(),
                config.backends(),
                config.dnsRefresh(),
                null,
                config.ejection(),
                config.retry(),
                new ServiceConfig.Timeouts(
                        timeouts.connect(),
                        timeouts.responseHeader(),
                        timeouts.idle(),
                        Duration.ofSeconds(300),
                        timeouts.tunnelIdle(),
                        Duration.ofHours(2)),
                config.limits(),
                config.pool(),
                null);
        fixture = new ProxyFixture(directory, config, 0, 2);
        client = fixture.client();
        fixture.tick(0);
    }

    @Test
    void theResponseHeadIsDueAfterTheLastByteOfTheRequest() {
        MuxClientStream post = client.post("/to", -1);
        fixture.backend();
        fixture.tick(40_000);
        assertFalse(post.over);
        post.send(1);
        post.end();
        fixture.tick(29_000);
        assertFalse(post.over);
        fixture.tick(2_000);
        assertEquals(504, post.status);
        assertEquals(
                1,
                fixture.service.backends().stream().mapToLong(b -> b.errors()).sum());
        assertEquals(
                "504 response-timeout 127.0.0.1:1/response-timeout",
                fixture.verify().get("/to"));
    }

    @Test
    void aBodyThatDoesNotMoveIsTheSilentSidesFault() {
        MuxClientStream silent = client.post("/to/client", -1);
        MuxBackendStream first = fixture.backend();
        silent.send(1);
        fixture.tick(61_000);
        assertTrue(silent.wasReset);
        assertTrue(first.cancelled);
        MuxClientStream stuffed = client.post("/to/backend", -1);
        fixture.backend().writable(false);
        stuffed.send(1);
        fixture.tick(61_000);
        assertEquals(504, stuffed.status);
        assertEquals(
                "499 client-stalled 127.0.0.1:1/client-stalled",
                fixture.verify().get("/to/client"));
    }

    @Test
    void aStreamWithoutAByteEitherWayIsNobodysFault() {
        MuxClientStream watch = client.post("/to/watch", -1);
        MuxBackendStream backend = fixture.backend();
        backend.respond(200, -1, false);
        for (int i = 0; i < 3; i++) {
            fixture.tick(50_000);
            backend.data(1);
            fixture.tick(50_000);
            watch.send(1);
        }
        assertFalse(watch.over);
        fixture.tick(61_000);
        assertTrue(watch.wasReset);
        assertTrue(backend.cancelled);
        assertEquals("200 stream-idle 127.0.0.1:1/stream-idle", fixture.verify().get("/to/watch"));
    }

    @Test
    void aResponseThatStopsIsTheSilentSidesFault() {
        MuxClientStream reading = client.get("/to/backend");
        MuxBackendStream first = fixture.backend();
        first.respond(200, -1, false);
        fixture.tick(50_000);
        first.data(1);
        fixture.tick(50_000);
        assertFalse(reading.over);
        fixture.tick(11_000);
        assertTrue(reading.wasReset);
        MuxClientStream slow = client.get("/to/client");
        MuxBackendStream second = fixture.backend();
        second.respond(200, -1, false);
        slow.writable(false);
        second.data(1);
        fixture.tick(61_000);
        assertTrue(slow.wasReset);
        var log = fixture.verify();
        assertEquals("200 idle-timeout 127.0.0.1:1/idle-timeout", log.get("/to/backend"));
        assertEquals("200 client-stalled 127.0.0.1:2/client-stalled", log.get("/to/client"));
    }

    @Test
    void theWholeRequestHasALimitAlsoWhileConnecting() {
        MuxClientStream get = client.get("/to");
        fixture.tick(299_000);
        assertFalse(get.over);
        fixture.tick(2_000);
        assertEquals(504, get.status);
        fixture.network.connectAll();
        assertEquals(
                "504 request-timeout 127.0.0.1:1/request-timeout",
                fixture.verify().get("/to"));
    }

    @Test
    void aTunnelOutlivesTheLimitOfARequest() {
        MuxClientStream ws = client.open("GET", "/to", 0, true);
        MuxBackendStream backend = fixture.backend();
        backend.respond(101, 0, false);
        fixture.tick(3_500_000);
        ws.send(1);
        fixture.tick(3_500_000);
        assertFalse(ws.over);
        fixture.tick(101_000);
        assertTrue(ws.wasReset);
        assertEquals("101 tunnel-idle 127.0.0.1:1/tunnel-idle", fixture.verify().get("/to"));
    }

    @Test
    void aTunnelEndsWithItsLifetime() {
        MuxClientStream ws = client.open("GET", "/to", 0, true);
        MuxBackendStream backend = fixture.backend();
        fixture.tick(29_000);
        backend.respond(101, 0, false);
        for (int minutes = 0; minutes < 120; minutes += 30) {
            assertFalse(ws.over);
            backend.data(1);
            fixture.tick(1_799_900);
        }
        assertFalse(ws.over);
        fixture.tick(1_000);
        assertTrue(ws.wasReset);
        assertTrue(backend.cancelled);
        assertEquals(
                "101 tunnel-lifetime 127.0.0.1:1/tunnel-lifetime",
                fixture.verify().get("/to"));
    }
}
