package weir.connection;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.channel.ConnectTimeoutException;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import weir.config.ProxyProtocol;
import weir.config.ServiceConfig;
import weir.http.BackendConnection;
import weir.http.ConnectionFacts;
import weir.http.HeadPool;
import weir.service.Backend;
import weir.service.Service;
import weir.testing.FakeNetwork;
import weir.testing.MuxBackend;
import weir.testing.ServiceFixture;
import weir.testing.Violations;

class ConnectionPoolTest {
    private final Violations violations = new Violations();
    private final FakeNetwork network = new FakeNetwork(new HeadPool(), violations);
    private final ServiceFixture fixture = new ServiceFixture();
    private final PoolCounters counters = PoolCounters.of(fixture.metrics);
    private final ConnectionPool pool = new ConnectionPool(network.connector(), 0, counters);
    private final Service service = fixture.service(config(3, 100), ServiceFixture.endpoints(2));
    private final Backend backend = service.backends().get(0);

    /** Notes how connecting ended. */
    private static final class Waiting implements ConnectListener {
        private @Nullable BackendConnection connection;
        private @Nullable Throwable failure;
        private boolean timeout;
        private boolean crowdedOut;
        private Runnable onConnected = () -> {};

        BackendConnection connection() {
            assertNotNull(connection);
            return connection;
        }

        @Override
        public ConnectionFacts client() {
            throw new AssertionError("nobody is to be named");
        }

        @Override
        public void connected(BackendConnection made) {
            connection = made;
            onConnected.run();
        }

        @Override
        public void crowdedOut() {
            crowdedOut = true;
        }

        @Override
        public void connectFailed(boolean late, Throwable cause) {
            timeout = late;
            failure = cause;
        }
    }

    private static ServiceConfig config(int idle, int maxRequests) {
        ServiceConfig config = ServiceFixture.config(ServiceConfig.Balance.ROUND_ROBIN);
        return new ServiceConfig(
                config.name(),
                config.balance(),
                config.backends(),
                config.dnsRefresh(),
                null,
                config.ejection(),
                config.retry(),
                config.timeouts(),
                config.limits(),
                new ServiceConfig.Pool(idle, Duration.ofSeconds(15), maxRequests),
                null);
    }

    @AfterEach
    void everythingIsCountedOut() {
        pool.close();
        assertEquals(0, backend.connections());
        assertEquals(0, counters.idle().getCount());
        assertEquals(List.of(), violations.all());
    }

    private Waiting connect() {
        assertTrue(backend.tryConnect(0));
        Waiting waiting = new Waiting();
        pool.connect(service, backend, waiting);
        network.run();
        return waiting;
    }

    /** So many idle connections, the oldest first. */
    private List<MuxBackend> idle(int n) {
        for (int i = 0; i < n; i++) {
            Waiting nobody = new Waiting();
            pool.connect(service, backend, nobody).cancel(nobody);
            assertTrue(backend.tryConnect(0));
        }
        network.connectAll();
        return network.backends;
    }

    @Test
    void handsOutWhatWasUsedLast() {
        List<MuxBackend> all = idle(3);
        assertSame(all.get(2), pool.acquireNow(service, backend));
        assertSame(all.get(1), pool.acquireNow(service, backend));
        assertSame(all.get(0), pool.acquireNow(service, backend));
        assertNull(pool.acquireNow(service, backend));
        assertNull(pool.acquireNow(service, service.backends().get(1)));
        all.forEach(MuxBackend::close);
    }

    @Test
    void keepsSoManyIdleOnes() {
        List<MuxBackend> all = idle(4);
        assertEquals(3, counters.idle().getCount());
        assertTrue(all.get(3).closed());
        assertEquals(3, backend.connections());
    }

    @Test
    void closesWhatWasIdleForTooLong() {
        List<MuxBackend> all = idle(2);
        BackendConnection used = pool.acquireNow(service, backend);
        long now = System.nanoTime();
        pool.tick(now + Duration.ofSeconds(14).toNanos());
        assertFalse(all.get(0).closed());
        pool.tick(now + Duration.ofSeconds(16).toNanos());
        assertTrue(all.get(0).closed());
        assertSame(all.get(1), used);
        assertFalse(all.get(1).closed());
        all.get(1).close();
    }

    @Test
    void closesWhatCarriedItsRequests() {
        fixture.services.apply(Map.of("hello", config(3, 1)));
        Waiting waiting = connect();
        network.connectAll();
        MuxBackend connection = (MuxBackend) waiting.connection;
        assertNotNull(connection);
        connection.open(new Deaf());
        connection.live().get(0).respond(200, 0, true);
        assertTrue(connection.closed());
    }

    @Test
    void closesWhatNobodyMayUseAnyMore() {
        List<MuxBackend> all = idle(2);
        BackendConnection used = pool.acquireNow(service, backend);
        assertTrue(service.disable(backend.address()));
        pool.tick(System.nanoTime() + Duration.ofSeconds(1).toNanos());
        assertTrue(all.get(0).closed());
        used.open(new Deaf());
        all.get(1).live().get(0).respond(200, 0, true);
        assertTrue(all.get(1).closed(), "given back after the backend was disabled");
    }

    @Test
    void aNumberUsedAgainIsAnotherBackend() {
        List<MuxBackend> all = idle(1);
        service.endpoints(List.of(ServiceFixture.endpoint(9, 1)));
        Backend other = service.backends().get(0);
        assertTrue(backend.removed());
        if (other.number() == backend.number()) {
            assertNull(pool.acquireNow(service, other));
        } else {
            pool.tick(System.nanoTime() + Duration.ofSeconds(1).toNanos());
        }
        assertTrue(all.get(0).closed());
    }

    @Test
    void aConnectionThatDiesIdleIsForgotten() {
        List<MuxBackend> all = idle(2);
        all.get(1).breakOff();
        assertEquals(1, backend.connections());
        assertSame(all.get(0), pool.acquireNow(service, backend));
        all.get(0).breakOff();
    }

    @Test
    void saysHowConnectingFailed() {
        Waiting refused = connect();
        Waiting late = connect();
        network.connecting().get(0).fail(new IOException("refused"));
        network.connecting().get(0).fail(new ConnectTimeoutException());
        assertNotNull(refused.failure);
        assertFalse(refused.timeout);
        assertTrue(late.timeout);
        assertEquals(0, backend.connections());
    }

    @Test
    void aFailureToEvenBeginIsToldFromTheLoopAndLater() {
        network.exhausted = true;
        assertTrue(backend.tryConnect(0));
        Waiting waiting = new Waiting();
        pool.connect(service, backend, waiting);
        assertNull(waiting.failure);
        network.run();
        assertNotNull(waiting.failure);
    }

    @Test
    void aConnectionMadeAfterTheEndIsClosed() {
        Waiting nobody = new Waiting();
        PendingConnect pending = pool.connect(service, backend, nobody);
        assertTrue(backend.tryConnect(0));
        pending.cancel(nobody);
        pool.close();
        network.connectAll();
        assertTrue(network.backends.get(0).closed());
    }

    @Test
    void aConnectionWithRoomMayBeGivenBackTwice() {
        network.streams = 2;
        idle(1);
        BackendConnection connection = pool.acquireNow(service, backend);
        connection.open(new Deaf());
        assertEquals(1, counters.idle().getCount());
        network.live().get(0).respond(200, 0, true);
        assertEquals(1, counters.idle().getCount());
        assertSame(connection, pool.acquireNow(service, backend));
        assertNull(pool.acquireNow(service, backend));
        connection.close();
    }

    private static ServiceConfig wired(ServiceConfig.Protocol protocol, int connections) {
        ServiceConfig config = config(3, 100);
        return new ServiceConfig(
                config.name(),
                config.balance(),
                config.backends(),
                config.dnsRefresh(),
                null,
                config.ejection(),
                config.retry(),
                config.timeouts(),
                new ServiceConfig.Limits(connections, 0),
                config.pool(),
                null,
                new ServiceConfig.Wire(protocol, null, ProxyProtocol.OFF));
    }

    private Waiting join() {
        Waiting waiting = new Waiting();
        assertNotNull(pool.join(service, backend, waiting));
        return waiting;
    }

    @Test
    void manyWaitForOneConnectionThatCarriesMany() {
        fixture.services.apply(Map.of("hello", wired(ServiceConfig.Protocol.H2C, 1)));
        network.streams = 2;
        Waiting first = connect();
        Waiting second = join();
        Waiting third = join();
        first.onConnected = () -> first.connection().open(new Deaf());
        second.onConnected = () -> second.connection().open(new Deaf());
        network.connectAll();
        assertNull(first.connection, "the handshake has not ended");
        network.handshakes.get(0).done();
        assertSame(first.connection, second.connection);
        assertTrue(third.crowdedOut, "there is no room, and no other connection may be made");
        assertNull(pool.acquireNow(service, backend));
        assertNull(pool.join(service, backend, new Waiting()));
        network.backends.get(0).breakOff();
    }

    @Test
    void thoseWithoutRoomGetAnotherConnection() {
        fixture.services.apply(Map.of("hello", wired(ServiceConfig.Protocol.H2C, 2)));
        Waiting first = connect();
        Waiting second = join();
        first.onConnected = () -> first.connection().open(new Deaf());
        network.connectAll();
        network.handshakes.get(0).done();
        assertNull(second.connection);
        network.connectAll();
        network.handshakes.get(1).done();
        assertNotNull(second.connection);
        network.backends.forEach(MuxBackend::breakOff);
    }

    @Test
    void aHandshakeThatFailsIsToldToAllWhoWait() {
        fixture.services.apply(Map.of("hello", wired(ServiceConfig.Protocol.H2C, 1)));
        Waiting first = connect();
        Waiting second = join();
        Waiting gone = new Waiting();
        PendingConnect pending = pool.join(service, backend, gone);
        assertNotNull(pending);
        pending.cancel(gone);
        network.connectAll();
        network.handshakes.get(0).failed(new IOException("no"));
        assertNotNull(first.failure);
        assertNotNull(second.failure);
        assertNull(gone.failure);
        assertEquals(0, backend.connections());
        network.run();
        assertFalse(network.channels.get(0).isOpen());
    }

    @Test
    void aHandshakeMustEndInTime() {
        fixture.services.apply(Map.of("hello", wired(ServiceConfig.Protocol.H2C, 1)));
        Waiting waiting = connect();
        network.connectAll();
        network.advance(1999);
        assertNull(waiting.failure);
        network.advance(2);
        assertTrue(waiting.timeout);
        assertEquals(0, backend.connections());
    }

    @Test
    void nobodyWaitsForAConnectionThatCarriesOneRequest() {
        connect();
        assertNull(pool.join(service, backend, new Waiting()));
        network.connectAll();
        network.backends.get(0).breakOff();
    }

    @Test
    void aBusyConnectionDoesNotGrowOld() {
        network.streams = 2;
        idle(1);
        BackendConnection connection = pool.acquireNow(service, backend);
        connection.open(new Deaf());
        long now = System.nanoTime();
        pool.tick(now + Duration.ofSeconds(16).toNanos());
        assertSame(connection, pool.acquireNow(service, backend));
        connection.open(new Deaf());
        network.live().forEach(stream -> stream.respond(200, 0, true));
        pool.tick(now + Duration.ofSeconds(60).toNanos());
        assertTrue(network.backends.get(0).closed());
    }

    @Test
    void aReloadThatChangesWhatIsSpokenLeavesOldConnectionsUnused() {
        List<MuxBackend> all = idle(1);
        fixture.services.apply(Map.of("hello", config(3, 100)));
        BackendConnection same = pool.acquireNow(service, backend);
        assertSame(all.get(0), same);
        same.open(new Deaf());
        fixture.services.apply(Map.of("hello", wired(ServiceConfig.Protocol.H2C, 1)));
        assertNull(pool.acquireNow(service, backend));
        network.live().get(0).respond(200, 0, true);
        assertTrue(all.get(0).closed(), "given back to a pool that speaks otherwise now");
    }
}
