package weir.health;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static weir.testing.ServiceFixture.config;
import static weir.testing.ServiceFixture.endpoint;
import static weir.testing.ServiceFixture.endpoints;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import weir.config.ServiceConfig.Balance;
import weir.config.ServiceConfig.Ejection;
import weir.config.ServiceConfig.HealthCheck;
import weir.service.Backend;
import weir.service.Reason;
import weir.service.Service;
import weir.testing.ServiceFixture;

final class HealthCheckerTest {
    private static final Duration INTERVAL = Duration.ofSeconds(2);
    private static final HealthCheck HTTP = http("/health");

    /** A check that was started and waits for its result. */
    private static final class Started implements Probe.Running {
        final InetSocketAddress address;
        final String host;
        final Probe.Result result;
        boolean cancelled;

        Started(InetSocketAddress address, String host, Probe.Result result) {
            this.address = address;
            this.host = host;
            this.result = result;
        }

        @Override
        public void cancel() {
            cancelled = true;
        }
    }

    private final ServiceFixture fixture = new ServiceFixture();
    private final List<Started> started = new ArrayList<>();
    /** What the jitter is drawn from: one half is none. */
    private double random = 0.5;

    private final RandomGenerator generator = new RandomGenerator() {
        @Override
        public long nextLong() {
            throw new UnsupportedOperationException();
        }

        @Override
        public double nextDouble() {
            return random;
        }
    };
    private final HealthChecker checker = new HealthChecker(
            new CheckLoop(
                    fixture.control, fixture.control::nanoTime, generator, (address, host, to, settings, result) -> {
                        Started check = new Started(address, host, result);
                        started.add(check);
                        return check;
                    }),
            fixture.metrics);

    HealthCheckerTest() {
        fixture.services.listen(checker);
    }

    @Test
    void checksAllBackendsAtOnceAndInParallel() {
        service(HTTP, 5);
        assertEquals(5, started.size());
    }

    @Test
    void countsANewBackendAsAvailableUntilItsFirstResult() {
        Backend backend = service(HTTP, 1).backends().get(0);
        assertFalse(backend.checked());
        assertTrue(backend.available());
        pass();
        assertTrue(backend.checked());
        assertTrue(backend.available());
    }

    @Test
    void letsTheFirstResultDecideAlone() {
        Backend backend = service(HTTP, 1).backends().get(0);
        fail("connection refused");
        assertEquals(
                "1 check failed: connection refused",
                backend.unavailability(Reason.HEALTH).why());
    }

    @Test
    void takesABackendOutAfterThreeFailuresInARow() {
        Backend backend = service(HTTP, 1).backends().get(0);
        pass();
        fail("timeout after 1s");
        fail("timeout after 1s");
        pass();
        fail("timeout after 1s");
        fail("timeout after 1s");
        assertTrue(backend.available());
        fail("status 503 (expected 200-399)");
        assertEquals(
                "3 checks failed: status 503 (expected 200-399)",
                backend.unavailability(Reason.HEALTH).why());
    }

    @Test
    void takesABackendBackAfterTwoPassesInARow() {
        Backend backend = service(HTTP, 1).backends().get(0);
        fail("connection refused");
        pass();
        fail("connection refused");
        pass();
        assertNotNull(backend.unavailability(Reason.HEALTH));
        pass();
        assertTrue(backend.available());
        assertEquals(2, backend.healthFlips());
    }

    @Test
    void keepsSinceAndTellsTheLatestCause() {
        Backend backend = service(HTTP, 1).backends().get(0);
        fail("connection refused");
        Instant since = backend.unavailability(Reason.HEALTH).since();
        fail("status 500 (expected 200-399)");
        assertEquals(since, backend.unavailability(Reason.HEALTH).since());
        assertEquals(
                "2 checks failed: status 500 (expected 200-399)",
                backend.unavailability(Reason.HEALTH).why());
    }

    @Test
    void checksAgainAnIntervalAfterTheLastCheckBegan() {
        service(HTTP, 1);
        fixture.control.advance(Duration.ofMillis(500));
        last().result.passed();
        fixture.control.advance(Duration.ofMillis(1499));
        assertEquals(1, started.size());
        fixture.control.advance(Duration.ofMillis(1));
        assertEquals(2, started.size());
    }

    @Test
    void variesTheIntervalByATwentiethEitherWay() {
        service(HTTP, 1);
        random = 0;
        last().result.passed();
        fixture.control.advance(Duration.ofMillis(1899));
        assertEquals(1, started.size());
        fixture.control.advance(Duration.ofMillis(1));
        assertEquals(2, started.size());
        random = 1;
        last().result.passed();
        fixture.control.advance(Duration.ofMillis(2099));
        assertEquals(2, started.size());
        fixture.control.advance(Duration.ofMillis(1));
        assertEquals(3, started.size());
    }

    @Test
    void neverOverlapsASlowCheckWithTheNext() {
        service(HTTP, 1);
        fixture.control.advance(INTERVAL.multipliedBy(5));
        assertEquals(1, started.size());
        last().result.passed();
        fixture.control.advance(Duration.ofMillis(100));
        assertEquals(2, started.size());
    }

    @Test
    void stopsWhenTheBackendLeaves() {
        Service service = service(HTTP, 2);
        started.get(0).result.passed();
        Started underWay = started.get(1);
        service.endpoints(List.of());
        fixture.settle();
        assertTrue(underWay.cancelled);
        underWay.result.failed("too late");
        fixture.control.advance(INTERVAL.multipliedBy(10));
        assertEquals(2, started.size());
        assertEquals(0, fixture.control.waiting());
    }

    @Test
    void stopsAndForgetsItsMetricsWhenTheServiceLeaves() {
        service(HTTP, 2);
        fixture.services.apply(Map.of());
        fixture.control.advance(INTERVAL);
        assertTrue(started.stream().allMatch(check -> check.cancelled));
        assertEquals(Map.of(), fixture.metrics.registry().getMetrics());
    }

    @Test
    void stopsWhenClosed() {
        service(HTTP, 2);
        checker.close();
        fixture.settle();
        assertTrue(started.stream().allMatch(check -> check.cancelled));
        assertEquals(0, fixture.control.waiting());
    }

    @Test
    void startsForABackendThatJoinsAndLeavesTheOthersAlone() {
        Service service = service(HTTP, 1);
        fail("connection refused");
        service.endpoints(List.of(endpoint(1, 3), endpoint(2, 1)));
        fixture.settle();
        assertEquals(3, started.size());
        assertFalse(started.get(1).cancelled);
        assertEquals(2, last().address.getPort());
        assertNotNull(service.backends().get(0).unavailability(Reason.HEALTH));
    }

    @Test
    void keepsItsStateOverAReloadThatLeavesTheCheckAlone() {
        Service service = service(HTTP, 1);
        pass();
        fail("timeout after 1s");
        fail("timeout after 1s");
        configure(http("/health"), 40);
        fail("timeout after 1s");
        assertNotNull(service.backends().get(0).unavailability(Reason.HEALTH));
    }

    @Test
    void startsAnewWithNewSettingsAndLetsTheirFirstResultDecide() {
        Service service = service(HTTP, 1);
        Backend backend = service.backends().get(0);
        fail("status 404 (expected 200-399)");
        Started old = last();
        configure(http("/healthz"), 20);
        fixture.settle();
        assertTrue(old.cancelled);
        assertEquals(3, started.size());
        assertNotNull(backend.unavailability(Reason.HEALTH));
        last().result.passed();
        assertTrue(backend.available());
    }

    @Test
    void knowsNothingOfABackendThatIsNoLongerChecked() {
        Service service = service(HTTP, 1);
        Backend backend = service.backends().get(0);
        fail("connection refused");
        configure(null, 20);
        fixture.control.advance(INTERVAL);
        assertTrue(backend.available());
        assertFalse(backend.checked());
        assertEquals(0, fixture.control.waiting());
    }

    @Test
    void asksTheConfiguredPortUnderTheConfiguredHost() {
        service(
                new HealthCheck(
                        HealthCheck.Type.HTTP,
                        "/",
                        "hello.internal",
                        9101,
                        200,
                        399,
                        null,
                        INTERVAL,
                        Duration.ofSeconds(1),
                        2,
                        3),
                1);
        assertEquals(new InetSocketAddress("127.0.0.1", 9101), last().address);
        assertEquals("hello.internal", last().host);
    }

    @Test
    void asksTheBackendUnderItsAddressOtherwise() {
        service(HTTP, 1);
        assertEquals(new InetSocketAddress("127.0.0.1", 1), last().address);
        assertEquals("127.0.0.1:1", last().host);
    }

    @Test
    void countsChecksByResult() {
        service(HTTP, 1);
        pass();
        pass();
        fail("timeout after 1s");
        assertEquals(2, counter("passed"));
        assertEquals(1, counter("failed"));
    }

    @Test
    void goesOnCheckingWhatAnOperatorTookOut() {
        Service service = service(HTTP, 1);
        Backend backend = service.backends().get(0);
        service.disable(backend.address());
        fail("connection refused");
        service.enable(backend.address());
        assertNotNull(backend.unavailability(Reason.HEALTH));
        assertNull(service.pick(new Backend[0], 0));
    }

    private Service service(HealthCheck check, int backends) {
        Service service = fixture.service(config(Balance.ROUND_ROBIN, check, Ejection.DEFAULT), endpoints(backends));
        fixture.settle();
        return service;
    }

    private void configure(@Nullable HealthCheck check, int budgetPercent) {
        fixture.services.apply(Map.of(
                "hello", config("hello", Balance.ROUND_ROBIN, List.of(), check, Ejection.DEFAULT, budgetPercent)));
    }

    private Started last() {
        return started.get(started.size() - 1);
    }

    /** Answers the check under way and lets the next one begin. */
    private void pass() {
        last().result.passed();
        fixture.control.advance(INTERVAL);
    }

    private void fail(String why) {
        last().result.failed(why);
        fixture.control.advance(INTERVAL);
    }

    private long counter(String result) {
        return fixture.metrics
                .registry()
                .getCounters()
                .get("weir_health_checks_total{service=\"hello\",result=\"" + result + "\"}")
                .getCount();
    }

    private static HealthCheck http(String path) {
        return new HealthCheck(
                HealthCheck.Type.HTTP, path, null, 0, 200, 399, null, INTERVAL, Duration.ofSeconds(1), 2, 3);
    }
}
