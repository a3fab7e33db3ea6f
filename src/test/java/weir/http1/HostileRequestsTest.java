package weir.http1;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import weir.http.MessageError;
import weir.testing.SmugglingTable;

class HostileRequestsTest {
    static Stream<SmugglingTable.Case> cases() {
        return SmugglingTable.cases().stream();
    }

    @Test
    void tableHasAtLeastAHundredCases() {
        assertTrue(SmugglingTable.cases().size() >= 100);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void refusesAtOnce(SmugglingTable.Case hostile) {
        check(hostile, false);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void refusesByteByByte(SmugglingTable.Case hostile) {
        check(hostile, true);
    }

    private static void check(SmugglingTable.Case hostile, boolean dribbled) {
        ClientFixture client = new ClientFixture();
        client.onFault = () -> client.answer(errorStatus(client.events), "no");
        if (dribbled) {
            client.dribble(hostile.bytes());
        } else {
            client.send(hostile.bytes());
        }
        String answer = client.received();
        assertTrue(answer.startsWith("HTTP/1.1 " + hostile.status() + " "), () -> client.events + answer);
        assertTrue(answer.contains("connection: close\r\n"), answer);
        assertFalse(client.events.stream().anyMatch(e -> e.contains("smuggled")), () -> client.events.toString());
        assertEquals(
                hostile.inBody() ? 1 : 0,
                client.events.stream().filter(e -> e.startsWith("request")).count());
        assertFalse(client.events.contains("end"));
        assertTrue(client.channel.isOutputShutdown(), "half-closed, so that the answer arrives");
        client.channel.fin();
        assertFalse(client.channel.isOpen());
        client.close();
    }

    private static int errorStatus(List<String> events) {
        String last = events.get(events.size() - 1);
        String code = last.substring(last.indexOf(' ') + 1);
        return Stream.of(MessageError.values())
                .filter(e -> e.code().equals(code))
                .findFirst()
                .orElseThrow()
                .status();
    }
}
