package weir.health;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static weir.testing.ServiceFixture.config;
import static weir.testing.ServiceFixture.endpoints;
import static weir.testing.ServiceFixture.picks;

import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import weir.config.ServiceConfig;
import weir.config.ServiceConfig.Balance;
import weir.config.ServiceConfig.Ejection;
import weir.service.Backend;
import weir.service.Outcome;
import weir.service.Reason;
import weir.service.Service;
import weir.service.Unavailability;
import weir.testing.ManualScheduler;
import weir.testing.ServiceFixture;

final class EjectorTest {
    private static final Duration BASE = Duration.ofSeconds(30);

    private final ManualScheduler control = new ManualScheduler();
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
    private final Ejector ejector = new Ejector(control, control::nanoTime, control, generator);
    private final ServiceFixture fixture = new ServiceFixture(control, ejector);

    EjectorTest() {
        fixture.services.listen(ejector);
    }

    @Test
    void ejectsBackendAfterConsecutiveErrors() {
        Service service = service(3);
        Backend first = service.backends().get(0);
        fail(service, first, Outcome.RESPONSE, 503, 2);
        fail(service, first, Outcome.RESET, 0, 1);
        fail(service, first, Outcome.INVALID_RESPONSE, 0, 1);
        assertTrue(first.available());
        fail(service, first, Outcome.TIMEOUT, 0, 1);
        Unavailability ejection = first.unavailability(Reason.EJECTED);
        assertNotNull(ejection);
        assertEquals(control.instant().plus(BASE), ejection.until());
        assertEquals("5 errors in a row, the last: timeout", ejection.why());
        assertEquals(Set.of(2, 3), Set.copyOf(picks(service, 6)));
    }

    @Test
    void ejectsBackendAfterConsecutiveConnectFailures() {
        Service service = service(3);
        Backend first = service.backends().get(0);
        fail(service, first, Outcome.CONNECT_FAILURE, 0, 2);
        assertTrue(first.available());
        fail(service, first, Outcome.CONNECT_FAILURE, 0, 1);
        assertEquals(
                "3 connect failures in a row",
                first.unavailability(Reason.EJECTED).why());
    }

    @Test
    void startsCountingAnewAfterASuccess() {
        Service service = service(3);
        Backend first = service.backends().get(0);
        for (int i = 0; i < 20; i++) {
            fail(service, first, Outcome.RESPONSE, 502, 4);
            fail(service, first, Outcome.CONNECT_FAILURE, 0, 2);
            service.report(0, first, Outcome.RESPONSE, 200, 1);
        }
        control.run();
        assertTrue(first.available());
    }

    @Test
    void takesAPlainServerErrorAsSuccess() {
        Service service = service(3);
        Backend first = service.backends().get(0);
        fail(service, first, Outcome.RESPONSE, 500, 50);
        assertTrue(first.available());
    }

    @Test
    void countsStatusesThatTheConfigurationAdds() {
        Service service = service(3, new Ejection(5, Set.of(500), 3, BASE, Duration.ofMinutes(5), 50));
        Backend first = service.backends().get(0);
        fail(service, first, Outcome.RESPONSE, 500, 5);
        assertEquals(
                "5 errors in a row, the last: status 500",
                first.unavailability(Reason.EJECTED).why());
    }

    @Test
    void ignoresNeutralOutcomes() {
        Service service = service(3);
        Backend first = service.backends().get(0);
        fail(service, first, Outcome.RESET, 0, 4);
        fail(service, first, Outcome.NEUTRAL, 0, 50);
        assertTrue(first.available());
        fail(service, first, Outcome.RESET, 0, 1);
        assertNotNull(first.unavailability(Reason.EJECTED));
    }

    @Test
    void readmitsBackendWhenItsTimeIsOver() {
        Service service = service(3);
        Backend first = service.backends().get(0);
        fail(service, first, Outcome.RESET, 0, 5);
        control.advance(BASE.minusMillis(1));
        assertNotNull(first.unavailability(Reason.EJECTED));
        control.advance(Duration.ofMillis(1));
        assertTrue(first.available());
        assertEquals(Set.of(1, 2, 3), Set.copyOf(picks(service, 6)));
    }

    @Test
    void ejectsForLongerEachTimeInARowUpToTheLongest() {
        Service service = service(3, new Ejection(5, Set.of(), 3, BASE, Duration.ofSeconds(100), 50));
        Backend first = service.backends().get(0);
        for (int seconds : new int[] {30, 60, 90, 100, 100}) {
            fail(service, first, Outcome.RESET, 0, 5);
            assertEquals(seconds, secondsOut(first));
            control.advance(Duration.ofSeconds(seconds));
            assertTrue(first.available());
        }
    }

    @Test
    void forgetsOneEjectionForEachBaseTimeItStaysIn() {
        Service service = service(3);
        Backend first = service.backends().get(0);
        for (int n = 1; n <= 4; n++) {
            fail(service, first, Outcome.RESET, 0, 5);
            control.advance(BASE.multipliedBy(n));
        }
        control.advance(BASE.multipliedBy(2));
        fail(service, first, Outcome.RESET, 0, 5);
        assertEquals(90, secondsOut(first));
        control.advance(Duration.ofHours(1));
        fail(service, first, Outcome.RESET, 0, 5);
        assertEquals(30, secondsOut(first));
    }

    @Test
    void variesTheTimeByATenthEitherWay() {
        Service service = service(3);
        Backend first = service.backends().get(0);
        random = 0;
        fail(service, first, Outcome.RESET, 0, 5);
        assertEquals(27, secondsOut(first));
        control.advance(Duration.ofHours(1));
        random = 1;
        fail(service, first, Outcome.RESET, 0, 5);
        assertEquals(33, secondsOut(first));
    }

    @Test
    void ejectsAtMostHalfRoundedDown() {
        for (Map.Entry<Integer, Integer> expected :
                Map.of(1, 0, 2, 1, 3, 1, 4, 2, 5, 2, 9, 4).entrySet()) {
            Service service = service(expected.getKey());
            failAll(service);
            assertEquals((int) expected.getValue(), ejected(service), "of " + expected.getKey());
            fixture.services.apply(Map.of());
        }
    }

    @Test
    void ejectsOneOfTwoOrMoreHoweverSmallTheShare() {
        Service service = service(5, new Ejection(5, Set.of(), 3, BASE, Duration.ofMinutes(5), 10));
        failAll(service);
        assertEquals(1, ejected(service));
    }

    @Test
    void ejectsNobodyWhenTheShareIsZero() {
        Service service = service(5, new Ejection(5, Set.of(), 3, BASE, Duration.ofMinutes(5), 0));
        failAll(service);
        assertEquals(0, ejected(service));
    }

    @Test
    void doesNotCountDrainedAndDisabledOnesForTheShare() {
        Service service = service(6);
        service.drain(service.backends().get(3).address());
        service.disable(service.backends().get(4).address());
        service.weight(service.backends().get(5).address(), 0);
        failAll(service);
        assertEquals(
                1,
                service.backends().subList(0, 3).stream()
                        .filter(b -> b.unavailability(Reason.EJECTED) != null)
                        .count());
    }

    @Test
    void ejectsAnotherOnceThereIsRoom() {
        Service service = service(2);
        List<Backend> both = service.backends();
        fail(service, both.get(0), Outcome.RESET, 0, 5);
        fail(service, both.get(1), Outcome.RESET, 0, 5);
        assertNull(both.get(1).unavailability(Reason.EJECTED));
        control.advance(BASE);
        fail(service, both.get(1), Outcome.RESET, 0, 5);
        assertNotNull(both.get(1).unavailability(Reason.EJECTED));
    }

    @Test
    void turnsEachCauseOffAtZero() {
        Service service = service(3, new Ejection(0, Set.of(503), 0, BASE, Duration.ofMinutes(5), 50));
        failAll(service);
        fail(service, service.backends().get(0), Outcome.CONNECT_FAILURE, 0, 100);
        fail(service, service.backends().get(0), Outcome.RESPONSE, 503, 100);
        assertEquals(0, ejected(service));
    }

    @Test
    void followsAThresholdThatIsLoweredBelowTheCount() {
        Service service = service(3, new Ejection(100, Set.of(), 3, BASE, Duration.ofMinutes(5), 50));
        Backend first = service.backends().get(0);
        fail(service, first, Outcome.RESET, 0, 50);
        configure(new Ejection(4, Set.of(), 3, BASE, Duration.ofMinutes(5), 50));
        fail(service, first, Outcome.RESET, 0, 4);
        assertNotNull(first.unavailability(Reason.EJECTED));
    }

    @Test
    void readmitsEverybodyWhenEjectionIsTurnedOff() {
        Service service = service(3);
        Backend first = service.backends().get(0);
        fail(service, first, Outcome.RESET, 0, 5);
        configure(new Ejection(0, Set.of(), 0, BASE, Duration.ofMinutes(5), 50));
        control.run();
        assertTrue(first.available());
    }

    @Test
    void doesNotLetAnOldTimerEndALaterEjection() {
        Service service = service(3);
        Backend first = service.backends().get(0);
        fail(service, first, Outcome.RESET, 0, 5);
        control.advance(Duration.ofSeconds(10));
        configure(new Ejection(0, Set.of(), 0, BASE, Duration.ofMinutes(5), 50));
        control.run();
        configure(Ejection.DEFAULT);
        fail(service, first, Outcome.RESET, 0, 5);
        control.advance(Duration.ofSeconds(21));
        assertNotNull(first.unavailability(Reason.EJECTED));
    }

    @Test
    void doesNotHoldLateFailuresAgainstAReadmittedBackend() {
        Service service = service(3);
        Backend first = service.backends().get(0);
        fail(service, first, Outcome.RESET, 0, 9);
        control.advance(BASE);
        fail(service, first, Outcome.RESET, 0, 4);
        assertTrue(first.available());
    }

    @Test
    void leavesNoTimerBehindForARemovedBackendToAct() {
        Service service = service(3);
        Backend first = service.backends().get(0);
        fail(service, first, Outcome.RESET, 0, 5);
        service.endpoints(List.of());
        service.endpoints(List.of(endpoints(3)));
        assertTrue(service.backends().get(0).available());
        control.advance(BASE);
        assertNotNull(first.unavailability(Reason.EJECTED));
    }

    @Test
    void ejectsOnceWhenLoopsFailTogether() throws Exception {
        Service service = service(3);
        Backend first = service.backends().get(0);
        ExecutorService executor = Executors.newFixedThreadPool(2);
        try {
            List<Callable<Void>> loops = new java.util.ArrayList<>();
            for (int loop = 0; loop < 2; loop++) {
                int own = loop;
                loops.add(() -> {
                    for (int i = 0; i < 10_000; i++) {
                        service.report(own, first, Outcome.RESET, 0, 0);
                    }
                    return null;
                });
            }
            for (Future<Void> done : executor.invokeAll(loops)) {
                done.get();
            }
        } finally {
            executor.shutdown();
        }
        control.run();
        assertEquals(1, first.ejections());
        assertEquals(20_000, first.errors());
    }

    private Service service(int backends) {
        return service(backends, Ejection.DEFAULT);
    }

    private Service service(int backends, Ejection ejection) {
        return fixture.service(config(Balance.ROUND_ROBIN, null, ejection), endpoints(backends));
    }

    private void configure(Ejection ejection) {
        ServiceConfig changed = config(Balance.ROUND_ROBIN, null, ejection);
        fixture.services.apply(Collections.singletonMap("hello", changed));
    }

    /** Each failure is dealt with before the next one. */
    private void fail(Service service, Backend backend, Outcome outcome, int status, int times) {
        for (int i = 0; i < times; i++) {
            service.report(i % 2, backend, outcome, status, 0);
            control.run();
        }
    }

    private void failAll(Service service) {
        for (Backend backend : service.backends()) {
            fail(service, backend, Outcome.RESET, 0, 20);
        }
    }

    private static long ejected(Service service) {
        return service.backends().stream()
                .filter(b -> b.unavailability(Reason.EJECTED) != null)
                .count();
    }

    private long secondsOut(Backend backend) {
        Unavailability ejection = backend.unavailability(Reason.EJECTED);
        return Duration.between(control.instant(), ejection.until()).toSeconds();
    }
}
