package weir.http;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import weir.http.FloodGuard.Event;
import weir.http.FloodGuard.Role;
import weir.http.FloodGuard.Verdict;

class FloodGuardTest {
    private static Verdict count(FloodGuard guard, Event event, int times) {
        Verdict verdict = Verdict.PASS;
        for (int i = 0; i < times; i++) {
            verdict = guard.count(event);
        }
        return verdict;
    }

    @Test
    void closesAClientBeyondItsLimitAndSaysWhy() {
        FloodGuard guard = FloodGuard.ofClient(Role.HTTP2_CLIENT, 200, 0);
        count(guard, Event.SETTINGS, 2);
        assertEquals(Verdict.PASS, count(guard, Event.PING, 998));
        assertEquals(Verdict.CLOSE, guard.count(Event.PING));
        assertEquals("ping-flood", guard.why());
        assertEquals(999, guard.count());
    }

    @Test
    void countsResetsAndErrorsTogether() {
        FloodGuard guard = FloodGuard.ofClient(Role.HTTP3_CLIENT, 200, 0);
        count(guard, Event.HEAD, 1000);
        assertEquals(Verdict.PASS, count(guard, Event.RESET, 90));
        assertEquals(Verdict.PASS, count(guard, Event.ERROR, 110));
        assertEquals(Verdict.CLOSE, guard.count(Event.RESET));
        assertEquals("error-flood", guard.why());
    }

    @Test
    void takesAnyNumberOfResetsWhereNoneIsGiven() {
        FloodGuard guard = FloodGuard.ofClient(Role.HTTP2_CLIENT, 0, 0);
        assertEquals(Verdict.PASS, count(guard, Event.RESET, 100_000));
    }

    @Test
    void beginsAnewAfterEachPeriod() {
        FloodGuard guard = FloodGuard.ofClient(Role.HTTP2_CLIENT, 200, 0);
        for (int i = 1; i < 5; i++) {
            assertEquals(Verdict.PASS, count(guard, Event.PING, 1000));
            assertEquals(Verdict.PASS, count(guard, Event.RESET, 200));
            guard.tick(TimeUnit.SECONDS.toNanos(30L * i));
        }
    }

    @Test
    void takesWhateverABackendSendsForEachResponse() {
        FloodGuard guard = FloodGuard.ofBackend(0);
        for (int i = 0; i < 100_000; i++) {
            guard.count(Event.SENT);
            guard.count(Event.HEAD);
            guard.count(Event.PING);
            guard.count(Event.PING);
            guard.count(Event.WINDOW_UPDATE);
            guard.count(Event.WINDOW_UPDATE);
            guard.count(Event.SETTINGS);
            assertEquals(Verdict.PASS, guard.count(Event.LATE_RESET));
        }
    }

    @Test
    void retiresABackendAtTheLimitAndClosesOnlyAtAGrossExcess() {
        FloodGuard guard = FloodGuard.ofBackend(0);
        assertEquals(Verdict.PASS, count(guard, Event.PING, 1000));
        assertEquals(Verdict.RETIRE, guard.count(Event.PING));
        assertEquals(Verdict.RETIRE, count(guard, Event.PING, 8999));
        assertEquals(Verdict.CLOSE, guard.count(Event.PING));
    }

    @Test
    void retiresAConnectionOnWhichManyStreamsWereReset() {
        FloodGuard guard = FloodGuard.ofBackend(0);
        assertEquals(Verdict.PASS, count(guard, Event.RESET, 48));
        assertEquals(Verdict.RETIRE, count(guard, Event.RESET, 1000));
    }
}
