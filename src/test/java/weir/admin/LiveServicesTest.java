package weir.admin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import weir.balance.Policies;
import weir.config.ServiceConfig;
import weir.metrics.Metrics;
import weir.service.Backend;
import weir.service.Endpoint;
import weir.service.Outcome;
import weir.service.OutcomeListener;
import weir.service.Reason;
import weir.service.Service;
import weir.service.Services;

final class LiveServicesTest {
    private static final Instant NOW = Instant.parse("2026-02-03T04:05:06Z");
    private static final String ADDRESS = "127.0.0.1:9001";

    private final ScheduledExecutorService control = Executors.newSingleThreadScheduledExecutor();
    private final Services services = new Services(control, () -> NOW, Policies::of, new Unheard(), new Metrics(1));
    private final LiveServices live = new LiveServices(services);

    @BeforeEach
    void oneServiceOfTwoBackends() {
        services.apply(Map.of("hello", config(true)));
        services.service("hello").endpoints(List.of(endpoint(9001, 2), endpoint(9002, 1)));
    }

    @AfterEach
    void stop() {
        control.shutdownNow();
    }

    @Test
    void showsWhatABackendDidAndWhatStandsAgainstIt() {
        Service service = services.service("hello");
        Backend backend = service.backends().get(0);
        backend.tryAcquire(0);
        backend.tryConnect(0);
        service.report(0, backend, Outcome.RESPONSE, 200, 1_500_400);
        service.checked(backend, true);
        service.mark(backend, Reason.EJECTED, NOW.plusSeconds(30), "5 errors in a row");

        ServiceStatus status = live.service("hello");
        assertEquals(1, status.available());
        assertEquals(7, status.requestsPerBackend());
        BackendStatus first = status.backends().get(0);
        assertEquals(
                new BackendStatus(
                        ADDRESS,
                        "app",
                        2,
                        false,
                        "a",
                        "n/a-1",
                        "2",
                        List.of("v1"),
                        Map.of("version", "2"),
                        "ejected",
                        "healthy",
                        1,
                        1,
                        1,
                        0,
                        1.5,
                        backend.unavailabilities()),
                first);
        assertEquals("unknown", status.backends().get(1).health());
        assertEquals(List.of(status), live.services());
    }

    @Test
    void theReasonThatWeighsMostIsTheState() {
        Service service = services.service("hello");
        Backend backend = service.backends().get(0);
        service.checked(backend, true);
        service.mark(backend, Reason.EJECTED, null, "x");
        service.mark(backend, Reason.HEALTH, null, "x");
        assertEquals("unhealthy", first().state());
        assertEquals("unhealthy", first().health());
        live.drain("hello", ADDRESS);
        assertEquals("drained", first().state());
        assertEquals(3, first().reasons().size());
    }

    @Test
    void operatorsTakeBackendsOutAndIn() {
        assertTrue(live.drain("hello", ADDRESS));
        assertEquals("drained", first().state());
        assertTrue(live.disable("hello", ADDRESS));
        assertEquals("disabled", first().state());
        assertTrue(live.enable("hello", ADDRESS));
        assertEquals("available", first().state());
    }

    @Test
    void aSetWeightIsShownAsSetUntilItIsTakenBack() {
        assertTrue(live.weight("hello", ADDRESS, 0));
        assertEquals(0, first().weight());
        assertTrue(first().weightSet());
        assertEquals("weight-0", first().state());
        assertTrue(live.resetWeight("hello", ADDRESS));
        assertEquals(2, first().weight());
        assertFalse(first().weightSet());
    }

    @Test
    void nobodyIsNotChanged() {
        assertFalse(live.drain("nobody", ADDRESS));
        assertFalse(live.disable("hello", "127.0.0.1:1"));
        assertFalse(live.weight("hello", "", 1));
        assertNull(live.service("nobody"));
    }

    @Test
    void healthIsNoneWithoutAnActiveCheck() {
        services.apply(Map.of("hello", config(false)));
        assertEquals("none", first().health());
    }

    private BackendStatus first() {
        return live.service("hello").backends().get(0);
    }

    private static Endpoint endpoint(int port, int weight) {
        InetSocketAddress at = new InetSocketAddress("127.0.0.1", port);
        return new Endpoint(
                "127.0.0.1:" + port, at, "app", weight, "a", List.of("v1"), Map.of("version", "2"), "n/a-1");
    }

    private static ServiceConfig config(boolean checks) {
        ServiceConfig.HealthCheck check = new ServiceConfig.HealthCheck(
                ServiceConfig.HealthCheck.Type.TCP,
                "/",
                null,
                0,
                200,
                399,
                null,
                Duration.ofSeconds(2),
                Duration.ofSeconds(1),
                2,
                3);
        return new ServiceConfig(
                "hello",
                ServiceConfig.Balance.ROUND_ROBIN,
                List.of(),
                Duration.ofSeconds(10),
                checks ? check : null,
                ServiceConfig.Ejection.DEFAULT,
                ServiceConfig.Retry.DEFAULT,
                ServiceConfig.Timeouts.DEFAULT,
                new ServiceConfig.Limits(0, 7),
                ServiceConfig.Pool.DEFAULT,
                null);
    }

    private static final class Unheard implements OutcomeListener {
        @Override
        public void succeeded(Service service, Backend backend) {}

        @Override
        public void failed(Service service, Backend backend, Outcome outcome, int status) {}
    }
}
