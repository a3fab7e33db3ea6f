package weir.service;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import weir.testing.ServiceFixture;

final class BackendTest {
    private final Backend backend = new Backend(0, 2, ServiceFixture.endpoint(1, 1));

    @Test
    void refusesRequestsBeyondTheLimitAndTakesThemAgainAfterRelease() {
        assertTrue(backend.tryAcquire(2));
        assertTrue(backend.tryAcquire(2));
        assertFalse(backend.tryAcquire(2));
        assertEquals(2, backend.inFlight());
        backend.release();
        assertTrue(backend.tryAcquire(2));
    }

    /** Also of a refusal: others may have seen the count in between. */
    @Test
    void tellsItsFollowerOfEveryChangeInFlight() {
        List<String> told = new ArrayList<>();
        backend.follow(place -> told.add(place + ":" + backend.inFlight()), 7);
        backend.tryAcquire(1);
        backend.tryAcquire(1);
        backend.tryConnect(0);
        backend.release();
        assertEquals(List.of("7:1", "7:1", "7:0"), told);
        backend.unfollow();
        backend.tryAcquire(1);
        assertEquals(3, told.size());
    }

    @Test
    void countsConnectionsApartFromRequests() {
        assertTrue(backend.tryConnect(1));
        assertFalse(backend.tryConnect(1));
        assertTrue(backend.tryAcquire(1));
        backend.disconnected();
        assertEquals(0, backend.connections());
        assertEquals(1, backend.inFlight());
    }

    @Test
    void knowsNoLimitAtZero() {
        for (int i = 0; i < 5000; i++) {
            assertTrue(backend.tryAcquire(0));
        }
        assertEquals(5000, backend.inFlight());
    }

    @Test
    void neverGrantsMoreThanTheLimitAtATime() throws Exception {
        int limit = 3;
        AtomicInteger granted = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        Callable<Void> work = () -> {
            for (int i = 0; i < 50_000; i++) {
                if (backend.tryAcquire(limit)) {
                    most.accumulateAndGet(granted.incrementAndGet(), Math::max);
                    granted.decrementAndGet();
                    backend.release();
                }
            }
            return null;
        };
        ExecutorService executor = Executors.newFixedThreadPool(8);
        try {
            for (Future<Void> done : executor.invokeAll(Collections.nCopies(8, work))) {
                done.get();
            }
        } finally {
            executor.shutdown();
        }
        assertTrue(most.get() <= limit, "granted at a time: " + most);
        assertEquals(0, backend.inFlight());
    }

    @Test
    void addsUpWhatAllLoopsReport() {
        backend.record(0, false, 200, 0);
        backend.record(1, true, 503, 0);
        backend.record(1, true, 0, 0);
        assertEquals(3, backend.requests());
        assertEquals(2, backend.errors());
        assertEquals(1, backend.responses(2));
        assertEquals(1, backend.responses(5));
        assertEquals(0, backend.responses(1));
    }

    @Test
    void averagesLatencyWithTheFirstOneWhole() {
        backend.record(0, false, 200, 800);
        assertEquals(800, backend.latencyNanos());
        backend.record(1, false, 200, 1600);
        assertEquals(900, backend.latencyNanos());
        backend.record(1, true, 0, 0);
        assertEquals(900, backend.latencyNanos());
    }
}
