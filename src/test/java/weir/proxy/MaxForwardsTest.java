package weir.proxy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import weir.testing.MuxBackendStream;
import weir.testing.MuxClient;
import weir.testing.MuxClientStream;

/** RFC 9110 section 7.6.2. */
final class MaxForwardsTest {
    @TempDir
    Path directory;

    private ProxyFixture fixture;
    private MuxClient client;

    @BeforeEach
    void start() {
        fixture = new ProxyFixture(directory);
        client = fixture.client();
    }

    @ParameterizedTest
    @CsvSource({"OPTIONS, 200", "TRACE, 405"})
    void theLastRecipientAnswers(String method, int status) {
        MuxClientStream asked = client.open(method, "/to/a", 0, false, "Max-Forwards", "0");
        assertEquals(status, asked.status);
        assertTrue(fixture.network.channels.isEmpty(), "no backend is asked");
        assertTrue(fixture.verify().get("/to/a").startsWith(status + " - "));
    }

    @ParameterizedTest
    @CsvSource({"OPTIONS, 3, 2", "TRACE, 1, 0", "GET, 0, 0", "OPTIONS, x, x", "OPTIONS, -1, -1"})
    void othersCount(String method, String sent, String forwarded) {
        client.open(method, "/to/a", 0, false, "max-forwards", sent);
        MuxBackendStream backend = fixture.backend();
        assertEquals(
                java.util.List.of("max-forwards: " + forwarded),
                backend.fields.stream()
                        .filter(f -> f.startsWith("max-forwards"))
                        .toList());
        backend.respond(200, 0, true);
        fixture.verify();
    }
}
