package weir.service;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static weir.testing.ServiceFixture.config;
import static weir.testing.ServiceFixture.endpoints;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;
import weir.config.ServiceConfig.Balance;
import weir.testing.ServiceFixture;

final class FlipsTest {
    private final Logger logger = (Logger) LoggerFactory.getLogger(Service.class);
    private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
    private final ServiceFixture fixture = new ServiceFixture();
    private final Service service = fixture.service(config(Balance.ROUND_ROBIN), endpoints(2));
    private final Backend first = service.backends().get(0);

    @BeforeEach
    void listen() {
        logger.setLevel(Level.INFO);
        lines.start();
        logger.addAppender(lines);
    }

    @AfterEach
    void stop() {
        logger.detachAppender(lines);
        logger.setLevel(null);
    }

    @Test
    void saysOnceThatABackendIsOutAndOnceThatItIsBack() {
        service.mark(first, Reason.HEALTH, null, "3 checks failed: connection refused");
        service.mark(first, Reason.HEALTH, null, "4 checks failed: connection refused");
        fixture.control.advance(Duration.ofSeconds(12));
        service.clear(first, Reason.HEALTH);
        service.clear(first, Reason.HEALTH);
        assertEquals(
                List.of(
                        "WARN service hello: backend 127.0.0.1:1 is unhealthy: 3 checks failed: connection refused",
                        "INFO service hello: backend 127.0.0.1:1 is no longer unhealthy after 12s: available"),
                said());
    }

    @Test
    void saysHowLongAnEjectionLastsAndWhatStillStands() {
        Instant until = fixture.control.instant().plusSeconds(90);
        service.mark(first, Reason.EJECTED, until, "5 errors in a row, the last: status 503");
        service.drain(first.address());
        fixture.control.advance(Duration.ofSeconds(90));
        service.clear(first, Reason.EJECTED);
        assertEquals(
                List.of(
                        "WARN service hello: backend 127.0.0.1:1 is ejected: 5 errors in a row, the last: status 503,"
                                + " for 1m30s",
                        "WARN service hello: backend 127.0.0.1:1 is drained: set by an operator",
                        "INFO service hello: backend 127.0.0.1:1 is no longer ejected after 1m30s: still drained"),
                said());
    }

    @Test
    void saysWhenEjectedBackendsArePickedForWantOfOthers() {
        service.mark(first, Reason.EJECTED, null, "errors");
        service.disable(service.backends().get(1).address());
        fixture.settle();
        service.enable(service.backends().get(1).address());
        List<String> panic =
                said().stream().filter(line -> !line.contains("127.0.0.1")).toList();
        assertEquals(
                List.of(
                        "WARN service hello: no backend is available, ejected ones are picked",
                        "INFO service hello: ejected backends are no longer picked"),
                panic);
    }

    @Test
    void saysHowManyBackendsJoinedAndLeft() {
        service.endpoints(List.of(endpoints(2)));
        service.endpoints(List.of(ServiceFixture.endpoint(2, 1), ServiceFixture.endpoint(3, 1)));
        assertEquals(List.of("INFO service hello: 2 backends (1 joined, 1 left)"), said());
    }

    private List<String> said() {
        return lines.list.stream()
                .map(event -> event.getLevel() + " " + event.getFormattedMessage())
                .toList();
    }
}
