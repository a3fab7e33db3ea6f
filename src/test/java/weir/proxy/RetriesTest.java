package weir.proxy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.channel.ConnectTimeoutException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import weir.config.ServiceConfig;
import weir.http.BackendFailure;
import weir.testing.MuxBackendStream;
import weir.testing.MuxClient;
import weir.testing.MuxClientStream;
import weir.testing.ServiceFixture;

class RetriesTest {
    private static final ServiceConfig.Retry DEFAULT = ServiceConfig.Retry.DEFAULT;
    private static final ServiceConfig.Retry NEVER = retry(2, false, false, Set.of());

    @TempDir
    Path directory;

    /** What happens to the first attempt. */
    enum Failure {
        CONNECT,
        CONNECT_TIMEOUT,
        REFUSED,
        RESET,
        INVALID,
        STATUS_503,
        STATUS_500
    }

    /** What is asked. */
    enum Asked {
        GET,
        HEAD,
        PUT,
        DELETE,
        POST,
        PATCH,
        GET_WITH_BODY,
        POST_WITH_BODY,
        POST_WITH_BODY_SENT,
        WEB_SOCKET;

        boolean hasBody() {
            return this == GET_WITH_BODY || this == POST_WITH_BODY || this == POST_WITH_BODY_SENT;
        }

        boolean idempotent() {
            return this == GET || this == HEAD || this == PUT || this == DELETE;
        }
    }

    @ParameterizedTest
    @EnumSource
    void repeatsWhatMayBeRepeated(Failure failure) {
        for (Asked asked : Asked.values()) {
            assertEquals(expected(failure, asked), retries(DEFAULT, failure, asked), asked::name);
            assertFalse(retries(NEVER, failure, asked), asked::name);
            assertFalse(retries(retry(1, true, true, Set.of(503)), failure, asked), asked::name);
        }
    }

    private static boolean expected(Failure failure, Asked asked) {
        return switch (failure) {
            case CONNECT, CONNECT_TIMEOUT -> true;
            case REFUSED -> asked != Asked.POST_WITH_BODY_SENT;
            case RESET, STATUS_503 -> asked.idempotent();
            case INVALID, STATUS_500 -> false;
        };
    }

    private boolean retries(ServiceConfig.Retry retry, Failure failure, Asked asked) {
        ProxyFixture fixture = fixture(retry, 2);
        MuxClient client = fixture.client();
        MuxClientStream stream = switch (asked) {
            case GET, HEAD, PUT, DELETE, POST, PATCH -> client.open(asked.name(), "/to", 0, false);
            case GET_WITH_BODY -> client.open("GET", "/to", 9, false);
            case POST_WITH_BODY, POST_WITH_BODY_SENT -> client.post("/to", 9);
            case WEB_SOCKET -> client.open("GET", "/to", 0, true);
        };
        fail(fixture, failure, asked, stream);
        fixture.backOff();
        fixture.network.connectAll();
        List<MuxBackendStream> second = fixture.network.live();
        if (!second.isEmpty()) {
            if (asked.hasBody()) {
                assertFalse(stream.paused);
                stream.send(9);
                stream.end();
                assertEquals(9, second.get(0).received, "all of the body");
            }
            second.get(0).respond(200, 0, true);
            assertEquals(200, stream.status);
        } else {
            assertTrue(stream.status >= 500);
        }
        fixture.verify();
        return !second.isEmpty();
    }

    private static void fail(ProxyFixture fixture, Failure failure, Asked asked, MuxClientStream stream) {
        fixture.network.run();
        if (failure == Failure.CONNECT) {
            fixture.network.connecting().get(0).fail(new IOException("refused"));
            return;
        }
        if (failure == Failure.CONNECT_TIMEOUT) {
            fixture.network.connecting().get(0).fail(new ConnectTimeoutException());
            return;
        }
        MuxBackendStream first = fixture.backend();
        if (asked == Asked.POST_WITH_BODY_SENT) {
            stream.send(1);
        }
        switch (failure) {
            case REFUSED -> first.fail(BackendFailure.REFUSED);
            case RESET -> first.fail(BackendFailure.RESET);
            case INVALID -> first.fail(BackendFailure.INVALID_RESPONSE);
            case STATUS_503 -> first.respond(503, 0, true);
            default -> first.respond(500, 0, true);
        }
    }

    private static ServiceConfig.Retry retry(int attempts, boolean connect, boolean reset, Set<Integer> statuses) {
        return new ServiceConfig.Retry(
                attempts, connect, reset, statuses, 20, DEFAULT.minimumBackOff(), DEFAULT.maximumBackOff());
    }

    private ProxyFixture fixture(ServiceConfig.Retry retry, int backends) {
        return fixture(retry, ServiceConfig.Limits.DEFAULT, backends);
    }

    private ProxyFixture fixture(ServiceConfig.Retry retry, ServiceConfig.Limits limits, int backends) {
        ServiceConfig config = ServiceFixture.config(ServiceConfig.Balance.ROUND_ROBIN);
        config = new ServiceConfig(
                config.name(),
                config.balance(),
                config.backends(),
                config.dnsRefresh(),
                null,
                config.ejection(),
                retry,
                config.timeouts(),
                limits,
                config.pool(),
                null);
        return new ProxyFixture(directory.resolve(String.valueOf(System.nanoTime())), config, 0, backends);
    }

    @Test
    void givesUpWhenThereIsNoOtherBackend() {
        ProxyFixture fixture = fixture(DEFAULT, 1);
        MuxClientStream get = fixture.client().get("/to");
        fixture.backend().fail(BackendFailure.RESET);
        assertEquals(502, get.status);
        assertEquals(
                "502 backend-reset 127.0.0.1:1/backend-reset", fixture.verify().get("/to"));
    }

    @Test
    void aStaleConnectionIsRepeatedOverAFreshOne() {
        ProxyFixture fixture = fixture(DEFAULT, 1);
        MuxClient client = fixture.client();
        client.get("/to/1");
        client.get("/to/2");
        fixture.network.connectAll();
        fixture.network.live().forEach(s -> s.respond(200, 0, true));
        assertEquals(2, fixture.idle());
        MuxClientStream get = client.get("/to/3");
        fixture.backend().fail(BackendFailure.RESET);
        fixture.backOff();
        assertEquals(List.of(), fixture.network.live(), "not over the other idle one, as dead as the first");
        fixture.backend().respond(200, 0, true);
        assertEquals(200, get.status);
        fixture.verify();
    }

    @Test
    void theBudgetBoundsRetriesOfAllRequests() {
        ProxyFixture fixture = fixture(DEFAULT, 2);
        MuxClient client = fixture.client();
        int retried = 0;
        for (int i = 0; i < 40; i++) {
            client.get("/to/" + i);
            fixture.backend().fail(BackendFailure.RESET);
            fixture.backOff();
            fixture.network.connectAll();
            if (!fixture.network.live().isEmpty()) {
                retried++;
                fixture.backend().respond(200, 0, true);
            }
        }
        assertEquals(30, retried); // 3 per second for ten seconds
        fixture.verify();
    }

    @Test
    void aResponseThatBeganIsNotRepeated() {
        ProxyFixture fixture = fixture(DEFAULT, 2);
        MuxClientStream get = fixture.client().get("/to");
        MuxBackendStream first = fixture.backend();
        first.respond(200, 5, false);
        first.fail(BackendFailure.RESET);
        fixture.backOff();
        assertTrue(get.wasReset);
        assertEquals(List.of(), fixture.network.live());
        fixture.verify();
    }

    @Test
    void nothingIsRepeatedOnceTheClientWasToldOfTheFirst() {
        ProxyFixture fixture = fixture(DEFAULT, 2);
        MuxClientStream get = fixture.client().get("/to");
        MuxBackendStream first = fixture.backend();
        first.inform(103);
        first.fail(BackendFailure.RESET);
        fixture.backOff();
        assertEquals(List.of(103), get.informed);
        assertEquals(502, get.status);
        assertEquals(
                "502 backend-reset 127.0.0.1:1/backend-reset", fixture.verify().get("/to"));
    }

    @Test
    void theLastAnswerIsPassedOnThoughItsStatusIsBad() {
        ProxyFixture fixture = fixture(DEFAULT, 2);
        MuxClientStream get = fixture.client().get("/to");
        fixture.backend().respond(503, 0, true);
        fixture.backOff();
        fixture.backend().respond(502, 0, true);
        assertEquals(502, get.status);
        assertEquals("502 - 127.0.0.1:1/503,127.0.0.1:2/502", fixture.verify().get("/to"));
    }

    @Test
    void fullBackendsArePassedOver() {
        ProxyFixture fixture = fixture(DEFAULT, new ServiceConfig.Limits(0, 1), 2);
        MuxClient client = fixture.client();
        client.get("/to/1");
        client.get("/to/2");
        MuxClientStream third = client.get("/to/3");
        assertEquals(503, third.status);
        fixture.network.connectAll();
        fixture.network.live().forEach(s -> s.respond(200, 0, true));
        assertEquals("503 overflow -", fixture.verify().get("/to/3"));
    }

    @Test
    void connectionsToABackendAreLimited() {
        ProxyFixture fixture = fixture(DEFAULT, new ServiceConfig.Limits(1, 0), 1);
        MuxClient client = fixture.client();
        client.get("/to/1");
        assertEquals(503, client.get("/to/2").status);
        fixture.backend().respond(200, 0, true);
        client.get("/to/3");
        fixture.backend().respond(200, 0, true);
        assertEquals("503 overflow -", fixture.verify().get("/to/2"));
    }

    @Test
    void withoutBackendsThereIsNoAttempt() {
        ProxyFixture fixture = fixture(DEFAULT, 0);
        assertEquals(503, fixture.client().get("/to").status);
        assertEquals("503 no-backend -", fixture.verify().get("/to"));
    }

    @ParameterizedTest
    @CsvSource({
        "25, 250, 1, 25",
        "25, 250, 2, 50",
        "25, 250, 4, 200",
        "25, 250, 5, 250",
        "25, 250, 100, 250",
        "0, 0, 1, 0",
        "86400000, 86400000, 60, 86400000",
        "500, 250, 1, 250"
    })
    void backOffDoublesUpToItsCap(long minimum, long maximum, int attempts, long longest) {
        ServiceConfig.Retry retry = new ServiceConfig.Retry(
                9, true, true, Set.of(), 20, Duration.ofMillis(minimum), Duration.ofMillis(maximum));
        assertEquals(longest * 1_000_000, retry.longestBackOffNanos(attempts));
    }
}
