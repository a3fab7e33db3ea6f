package weir.admin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import weir.config.ServiceConfig.Balance;
import weir.service.Backend;
import weir.service.Outcome;
import weir.service.Service;
import weir.testing.ServiceFixture;

class BackendSeriesTest {
    private final ServiceFixture fixture = new ServiceFixture();
    private final Service service = fixture.service(
            ServiceFixture.config(Balance.ROUND_ROBIN), ServiceFixture.endpoint(1, 1), ServiceFixture.endpoint(2, 1));

    @Test
    void givesEveryBackendAsItIsNow() {
        Backend first = service.backends().get(0);
        fixture.metrics.collect(new BackendSeries(fixture.services));
        first.tryAcquire(0);
        first.tryConnect(0);
        service.report(0, first, Outcome.RESPONSE, 200, 2_000_000);
        service.report(1, first, Outcome.RESPONSE, 404, 2_000_000);
        service.report(1, first, Outcome.RESET, 0, 0);
        service.disable("127.0.0.1:2");
        fixture.settle();

        assertSeries("weir_backend_available", 1, 1);
        assertSeries("weir_backend_available", 2, 0);
        assertSeries("weir_backend_requests_in_flight", 1, 1);
        assertSeries("weir_backend_connections", 1, 1);
        assertSeries("weir_backend_errors_total", 1, 1);
        assertEquals(
                2,
                text().lines()
                        .filter(l -> l.startsWith("weir_backend_requests_total{"))
                        .count(),
                "one series for each class that occurred");
        assertTrue(text().contains("backend=\"127.0.0.1:1\",status_class=\"4xx\"} 1\n"));
    }

    @Test
    void aBackendThatLeftHasNoSeries() {
        fixture.metrics.collect(new BackendSeries(fixture.services));
        service.endpoints(List.of(ServiceFixture.endpoint(2, 1)));
        fixture.settle();

        assertTrue(text().contains("127.0.0.1:2"));
        assertEquals(-1, text().indexOf("127.0.0.1:1"));
    }

    private void assertSeries(String name, int port, int value) {
        String line = name + "{service=\"hello\",backend=\"127.0.0.1:" + port + "\"} " + value + "\n";
        assertTrue(text().contains(line), line + "in\n" + text());
    }

    private String text() {
        return new PrometheusText(fixture.metrics).render();
    }
}
