package weir.discovery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ConsulStatesTest {
    private static String check(String node, String id, String status, String service) {
        return "{\"Node\": \"" + node + "\", \"CheckID\": \"" + id + "\", \"Status\": \"" + status
                + "\", \"ServiceName\": \"" + service + "\", \"ServiceTags\": [\"a\"], \"Definition\": {\"x\": 1}}";
    }

    private static ConsulStates of(String... checks) throws ConsulFailure {
        return ConsulStates.of("[" + String.join(", ", checks) + "]\n");
    }

    @Test
    void seesWhichServiceHasChanged() throws ConsulFailure {
        ConsulStates before = of(check("n", "a1", "passing", "a"), check("n", "b1", "passing", "b"));
        ConsulStates after = of(check("n", "b1", "critical", "b"), check("n", "a1", "passing", "a"));
        assertFalse(after.differs(before, "a", Set.of("n")));
        assertTrue(after.differs(before, "b", Set.of("n")));
    }

    @Test
    void seesInstancesComeAndGo() throws ConsulFailure {
        ConsulStates one = of(check("n", "a1", "passing", "a"));
        ConsulStates two = of(check("n", "a1", "passing", "a"), check("n", "a2", "passing", "a"));
        assertTrue(two.differs(one, "a", Set.of("n")));
        assertTrue(one.differs(two, "a", Set.of("n")));
        assertTrue(one.differs(ConsulStates.NONE, "a", null));
        assertTrue(of().differs(one, "a", null));
    }

    @Test
    void seesNodesOfAServiceFail() throws ConsulFailure {
        ConsulStates before = of(check("n", "serfHealth", "passing", ""), check("n", "a1", "passing", "a"));
        ConsulStates after = of(check("n", "serfHealth", "critical", ""), check("n", "a1", "passing", "a"));
        assertTrue(after.differs(before, "a", Set.of("n")));
        assertFalse(after.differs(before, "a", Set.of("other")));
    }

    @Test
    void tellsTwoChecksApartThatSwapTheirStatus() throws ConsulFailure {
        ConsulStates before = of(check("n", "a1", "passing", "a"), check("n", "a2", "critical", "a"));
        ConsulStates after = of(check("n", "a1", "critical", "a"), check("n", "a2", "passing", "a"));
        assertTrue(after.differs(before, "a", Set.of("n")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "[", "[{\"Node\": \"n\"", "{}", "[1]", "[]]"})
    void refusesTornAnswers(String json) {
        ConsulFailure failure = assertThrows(ConsulFailure.class, () -> ConsulStates.of(json));
        assertEquals(ConsulFailure.Kind.MALFORMED, failure.kind());
    }
}
