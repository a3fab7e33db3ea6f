package weir.admin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import weir.config.ServiceConfig;
import weir.service.Reason;

final class CandidateTest {
    private static final BackendStatus UP = FakeServices.backend("10.0.0.1:80", 1);
    private static final BackendStatus EJECTED = FakeServices.backend(
            "10.0.0.2:80", 1, FakeServices.reason(Reason.EJECTED, AdminFixture.NOW, "5 errors in a row"));
    private static final BackendStatus DOWN =
            FakeServices.backend("10.0.0.3:80", 1, FakeServices.reason(Reason.HEALTH, null, "connection refused"));

    @Test
    void ejectedOnesAreNotPickedWhileOthersAreAvailable() {
        List<Candidate> candidates = of(0, UP, EJECTED);
        assertTrue(candidates.get(0).pickable());
        assertEquals("no reason stands against it", candidates.get(0).why());
        assertFalse(candidates.get(1).pickable());
        assertEquals(
                "ejected since 2026-01-02T03:04:05Z until 2026-02-03T04:05:06Z: 5 errors in a row",
                candidates.get(1).why());
    }

    @Test
    void onlyEjectedOnesArePickedWhenNoneIsAvailable() {
        BackendStatus both = FakeServices.backend(
                "10.0.0.4:80",
                1,
                FakeServices.reason(Reason.EJECTED, null, "x"),
                FakeServices.reason(Reason.DRAINED, null, "set by an operator"));
        BackendStatus weightless =
                FakeServices.backend("10.0.0.5:80", 0, FakeServices.reason(Reason.EJECTED, null, "x"));
        List<Candidate> candidates = of(0, EJECTED, DOWN, both, weightless);
        assertEquals(
                List.of(true, false, false, false),
                candidates.stream().map(Candidate::pickable).toList());
        assertTrue(candidates.get(2).why().contains("; drained since"));
    }

    @Test
    void fullOnesAreNotPicked() {
        assertEquals("3 of 3 requests are in flight", of(3, UP).get(0).why());
        assertFalse(of(3, UP).get(0).pickable());
        assertTrue(of(4, UP).get(0).pickable());
    }

    @Test
    void weightOfZeroIsReasonEnough() {
        Candidate candidate = of(0, FakeServices.backend("10.0.0.6:80", 0)).get(0);
        assertFalse(candidate.pickable());
        assertEquals("its weight is 0", candidate.why());
        assertEquals("weight-0", candidate.state());
    }

    private static List<Candidate> of(int limit, BackendStatus... backends) {
        return Candidate.of(
                new ServiceStatus("s", ServiceConfig.Balance.RANDOM, 0, false, limit, null, List.of(backends)));
    }
}
