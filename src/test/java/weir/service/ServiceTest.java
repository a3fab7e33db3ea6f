package weir.service;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static weir.testing.ServiceFixture.config;
import static weir.testing.ServiceFixture.endpoint;
import static weir.testing.ServiceFixture.endpoints;
import static weir.testing.ServiceFixture.picks;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import weir.config.ServiceConfig;
import weir.config.ServiceConfig.Balance;
import weir.config.ServiceConfig.Ejection;
import weir.testing.ManualScheduler;
import weir.testing.ServiceFixture;

final class ServiceTest {
    private static final Backend[] NONE = {};
    private static final ServiceConfig ROUND_ROBIN = config(Balance.ROUND_ROBIN);

    private final ServiceFixture fixture = new ServiceFixture();

    // Membership

    @Test
    void keepsTheStateOfBackendsThatStay() {
        Service service = fixture.service(ROUND_ROBIN, endpoints(3));
        Backend second = service.backends().get(1);
        second.tryAcquire(0);
        service.report(0, second, Outcome.RESPONSE, 200, 500);
        service.mark(second, Reason.HEALTH, null, "down");
        service.endpoints(List.of(endpoint(4, 1), endpoint(2, 7)));
        assertSame(second, service.backends().get(1));
        assertEquals(1, second.inFlight());
        assertEquals(1, second.requests());
        assertEquals(7, second.weight());
        assertNotNull(second.unavailability(Reason.HEALTH));
    }

    @Test
    void keepsPositionAndBackendsOverAReload() {
        Service service = fixture.service(ROUND_ROBIN, endpoints(3));
        assertEquals(List.of(1, 2), picks(service, 2));
        List<Backend> before = service.backends();
        ServiceConfig changed = config("hello", Balance.ROUND_ROBIN, List.of(), null, Ejection.DEFAULT, 50);
        fixture.services.apply(Map.of("hello", changed));
        assertSame(service, fixture.services.service("hello"));
        assertSame(changed, service.config());
        assertEquals(before, service.backends());
        assertEquals(List.of(3, 1), picks(service, 2));
    }

    @Test
    void changesThePolicyOnReload() {
        Service service = fixture.service(ROUND_ROBIN, endpoints(2));
        service.backends().get(0).tryAcquire(0);
        fixture.services.apply(Map.of("hello", config(Balance.LEAST_CONNECTIONS)));
        assertEquals(List.of(2, 2, 2), picks(service, 3));
    }

    @Test
    void tellsBackendsThatTheyAreRemovedAndGivesTheirNumbersAway() {
        Service service = fixture.service(ROUND_ROBIN, endpoints(3));
        Backend first = service.backends().get(0);
        service.endpoints(List.of(endpoint(2, 1), endpoint(3, 1)));
        assertTrue(first.removed());
        service.endpoints(List.of(endpoint(2, 1), endpoint(3, 1), endpoint(1, 1)));
        Backend again = service.backend("127.0.0.1:1");
        assertNotSame(first, again);
        assertEquals(first.number(), again.number());
        assertFalse(again.removed());
    }

    @Test
    void numbersBackendsOfAllServicesApart() {
        fixture.services.apply(Map.of("a", named("a"), "b", named("b")));
        List<Integer> numbers = new ArrayList<>();
        for (Service service : fixture.services.all()) {
            service.endpoints(List.of(endpoints(50)));
            service.backends().forEach(backend -> numbers.add(backend.number()));
        }
        assertEquals(100, Set.copyOf(numbers).size());
        assertTrue(numbers.stream().allMatch(number -> number < 100), "dense: " + numbers);
    }

    @Test
    void takesAnAddressThatIsListedTwiceOnce() {
        Service service = fixture.service(ROUND_ROBIN, endpoint(1, 2), endpoint(1, 5), endpoint(2, 1));
        assertEquals(2, service.backends().size());
        assertEquals(2, service.backends().get(0).weight());
    }

    @Test
    void letsRoutedRequestsFindBackendsOfARemovedService() {
        Service service = fixture.service(ROUND_ROBIN, endpoints(2));
        Backend first = service.backends().get(0);
        service.mark(first, Reason.HEALTH, null, "a rebuild is on its way");
        fixture.services.apply(Map.of());
        fixture.settle();
        service.endpoints(List.of());
        assertNull(fixture.services.service("hello"));
        assertTrue(first.removed());
        assertNotNull(service.pick(NONE, 0));
    }

    // Availability

    @Test
    void picksNobodyAgainstWhomAReasonStands() {
        Service service = fixture.service(ROUND_ROBIN, endpoints(3));
        Backend second = service.backends().get(1);
        service.mark(second, Reason.HEALTH, null, "down");
        service.mark(second, Reason.EJECTED, null, "errors");
        fixture.settle();
        assertEquals(Set.of(1, 3), Set.copyOf(picks(service, 10)));
        service.clear(second, Reason.HEALTH);
        fixture.settle();
        assertFalse(second.available());
        assertEquals(Set.of(1, 3), Set.copyOf(picks(service, 10)));
        service.clear(second, Reason.EJECTED);
        fixture.settle();
        assertTrue(second.available());
        assertEquals(Set.of(1, 2, 3), Set.copyOf(picks(service, 10)));
    }

    @Test
    void keepsSinceAndTakesTheNewTextWhenAReasonIsMarkedAgain() {
        Service service = fixture.service(ROUND_ROBIN, endpoints(1));
        Backend backend = service.backends().get(0);
        Instant since = fixture.control.instant();
        service.mark(backend, Reason.HEALTH, null, "refused");
        fixture.control.advance(Duration.ofSeconds(5));
        service.mark(backend, Reason.HEALTH, null, "timeout");
        assertEquals(List.of(new Unavailability(Reason.HEALTH, since, null, "timeout")), backend.unavailabilities());
        assertEquals(1, backend.healthFlips());
    }

    @Test
    void rebuildsOnceForManyFlips() {
        List<Integer> rebuilds = new ArrayList<>();
        ManualScheduler control = new ManualScheduler();
        Policy counting = (backends, weights) -> {
            rebuilds.add(backends.size());
            return (tried, n) -> null;
        };
        Services services = new Services(control, control, kind -> counting, ServiceFixture.DEAF, fixture.metrics);
        services.apply(Map.of("hello", ROUND_ROBIN));
        Service service = services.service("hello");
        service.endpoints(List.of(endpoints(1000)));
        rebuilds.clear();
        service.backends().forEach(backend -> service.mark(backend, Reason.HEALTH, null, "down"));
        control.run();
        assertEquals(List.of(0), rebuilds);
    }

    @Test
    void picksEjectedOnesWhenNoneIsAvailable() {
        Service service = fixture.service(ROUND_ROBIN, endpoints(5));
        List<Backend> all = service.backends();
        service.mark(all.get(0), Reason.EJECTED, null, "errors");
        service.mark(all.get(1), Reason.HEALTH, null, "down");
        service.mark(all.get(2), Reason.EJECTED, null, "errors");
        service.mark(all.get(2), Reason.HEALTH, null, "down");
        service.drain(all.get(3).address());
        fixture.settle();
        assertEquals(Set.of(5), Set.copyOf(picks(service, 10)));
        assertFalse(service.panic());
        service.disable(all.get(4).address());
        assertTrue(service.panic());
        assertEquals(Set.of(1), Set.copyOf(picks(service, 10)));
        service.weight(all.get(0).address(), 0);
        assertFalse(service.panic());
        assertNull(service.pick(NONE, 0));
    }

    @Test
    void givesWeightZeroNoTraffic() {
        Service service = fixture.service(ROUND_ROBIN, endpoint(1, 0), endpoint(2, 1));
        assertEquals(List.of(2, 2, 2), picks(service, 3));
        assertFalse(service.backends().get(0).available());
    }

    @Test
    void countsFlipsInMetricsAndForgetsThemWithTheService() {
        Service service = fixture.service(ROUND_ROBIN, endpoints(2));
        Backend first = service.backends().get(0);
        service.mark(first, Reason.HEALTH, null, "down");
        service.clear(first, Reason.HEALTH);
        service.mark(first, Reason.EJECTED, null, "errors");
        assertEquals(1, counter("weir_health_flips_total{service=\"hello\",to=\"down\"}"));
        assertEquals(1, counter("weir_health_flips_total{service=\"hello\",to=\"up\"}"));
        assertEquals(1, counter("weir_ejections_total{service=\"hello\"}"));
        fixture.services.apply(Map.of());
        assertEquals(Map.of(), fixture.metrics.registry().getMetrics());
    }

    // Operators

    @Test
    void takesADrainedBackendOutAndBack() {
        Service service = fixture.service(ROUND_ROBIN, endpoints(2));
        assertTrue(service.drain("127.0.0.1:1"));
        assertEquals(List.of(2, 2), picks(service, 2));
        assertFalse(service.backends().get(0).disabled());
        assertTrue(service.enable("127.0.0.1:1"));
        assertEquals(Set.of(1, 2), Set.copyOf(picks(service, 2)));
        assertFalse(service.drain("127.0.0.1:99"));
    }

    @Test
    void letsDisableReplaceDrain() {
        Service service = fixture.service(ROUND_ROBIN, endpoints(2));
        Backend first = service.backends().get(0);
        service.drain(first.address());
        service.disable(first.address());
        assertTrue(first.disabled());
        assertEquals(1, first.unavailabilities().size());
        service.drain(first.address());
        assertFalse(first.disabled());
        assertNotNull(first.unavailability(Reason.DRAINED));
    }

    @Test
    void remembersWhatAnOperatorSetWhenABackendComesBack() {
        Service service = fixture.service(ROUND_ROBIN, endpoints(2));
        service.disable("127.0.0.1:1");
        service.weight("127.0.0.1:2", 9);
        service.endpoints(List.of());
        service.endpoints(List.of(endpoints(2)));
        assertTrue(service.backends().get(0).disabled());
        assertEquals(9, service.backends().get(1).weight());
        assertTrue(service.backends().get(1).weightOverridden());
        service.resetWeight("127.0.0.1:2");
        assertEquals(1, service.backends().get(1).weight());
        service.enable("127.0.0.1:1");
        service.endpoints(List.of());
        service.endpoints(List.of(endpoints(2)));
        assertTrue(service.backends().get(0).available());
    }

    @Test
    void refusesNegativeWeights() {
        Service service = fixture.service(ROUND_ROBIN, endpoints(1));
        assertThrows(IllegalArgumentException.class, () -> service.weight("127.0.0.1:1", -1));
    }

    // Reports

    @Test
    void countsOnlyWhatTheConfigurationCallsAnError() {
        Service service = fixture.service(ROUND_ROBIN, endpoints(1));
        Backend backend = service.backends().get(0);
        service.report(0, backend, Outcome.RESPONSE, 500, 10);
        service.report(0, backend, Outcome.RESPONSE, 503, 10);
        service.report(0, backend, Outcome.RESET, 0, 0);
        service.report(0, backend, Outcome.NEUTRAL, 0, 0);
        assertEquals(4, backend.requests());
        assertEquals(2, backend.errors());
    }

    @Test
    void movesTheWindowOfTheRetryBudgetEverySecond() {
        Service service = fixture.service(ROUND_ROBIN, endpoints(1));
        fixture.services.start();
        assertEquals(30, retries(service));
        fixture.control.advance(Duration.ofSeconds(8));
        assertEquals(0, retries(service));
        fixture.control.advance(Duration.ofSeconds(4));
        assertEquals(30, retries(service));
    }

    @Test
    void answersWhichStatusesMayBeTriedAgain() {
        Service service = fixture.service(ROUND_ROBIN, endpoints(1));
        assertTrue(service.retriesOn(502));
        assertFalse(service.retriesOn(500));
        assertFalse(service.retriesOn(-1));
        assertFalse(service.retriesOn(700));
    }

    @Test
    void picksOnlyMembersWhileEverythingChanges() throws Exception {
        Service service = fixture.service(ROUND_ROBIN, endpoints(10));
        AtomicBoolean done = new AtomicBoolean();
        ExecutorService executor = Executors.newFixedThreadPool(2);
        try {
            List<Future<Integer>> pickers = new ArrayList<>();
            for (int loop = 0; loop < 2; loop++) {
                int own = loop;
                pickers.add(executor.submit(() -> pickUntil(done, service, own)));
            }
            for (int i = 0; i < 300; i++) {
                service.endpoints(List.of(endpoints(1 + i % 10)));
                Backend first = service.backends().get(0);
                if (i % 2 == 0) {
                    service.mark(first, Reason.EJECTED, null, "errors");
                } else {
                    service.clear(first, Reason.EJECTED);
                }
                fixture.settle();
            }
            done.set(true);
            long picked = 0;
            for (Future<Integer> picker : pickers) {
                int picks = picker.get();
                assertNotEquals(0, picks);
                picked += picks;
            }
            assertTrue(picked > 0);
            assertEquals(
                    0, service.backends().stream().mapToInt(Backend::inFlight).sum());
        } finally {
            done.set(true);
            executor.shutdown();
        }
    }

    /** The first backend always stays and is at worst ejected alone, so that there is always somebody to pick. */
    private static int pickUntil(AtomicBoolean done, Service service, int loop) {
        int picks = 0;
        while (!done.get() || picks == 0) {
            Backend backend = service.pick(NONE, 0);
            assertNotNull(backend);
            assertTrue(backend.tryAcquire(0));
            service.countRequest(loop);
            service.report(loop, backend, Outcome.RESPONSE, 200, 100);
            backend.release();
            picks++;
        }
        return picks;
    }

    private static int retries(Service service) {
        int allowed = 0;
        while (allowed < 1000 && service.mayRetry(0)) {
            allowed++;
        }
        return allowed;
    }

    private static ServiceConfig named(String name) {
        return config(name, Balance.ROUND_ROBIN, List.of(), null, Ejection.DEFAULT, 20);
    }

    private long counter(String key) {
        return fixture.metrics.registry().getCounters().get(key).getCount();
    }
}
