package weir.proxy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import weir.http.Protocol;
import weir.testing.MuxBackend;
import weir.testing.MuxBackendStream;
import weir.testing.MuxClient;

/** A login that belongs to a backend connection belongs to one client connection. */
final class ConnectionLoginTest {
    @TempDir
    Path directory;

    private ProxyFixture fixture;
    private MuxClient bob;
    private int requests;

    @BeforeEach
    void start() {
        fixture = new ProxyFixture(directory);
        bob = fixture.client();
    }

    @ParameterizedTest
    @ValueSource(strings = {"NTLM", "negotiate", "Basic realm=\"a\", Negotiate", "nTLM TlRMTVNTUAAC"})
    void aChallengeBindsTheConnectionToItsClient(String challenge) {
        get(bob);
        answer(401, "www-authenticate", challenge);
        assertEquals(0, fixture.idle(), "it is not for others");
        get(fixture.client());
        answer(200);
        assertEquals(2, fixture.network.backends.size());
        MuxBackend bobs = fixture.network.backends.get(0);
        for (int i = 0; i < 4; i++) {
            get(bob, "authorization", "NTLM x");
            assertEquals(1, bobs.live().size(), "bob's own connection, whatever the policy picks");
            answer(200);
        }
        assertFalse(bobs.closed());
        bob.close();
        assertTrue(bobs.closed());
        assertEquals(1, fixture.idle());
        fixture.verify();
    }

    @Test
    void anUnaskedLoginBindsTheConnectionToo() {
        get(bob, "Authorization", "negotiate YII");
        answer(200);
        assertEquals(0, fixture.idle());
        bob.close();
        assertTrue(fixture.network.backends.get(0).closed());
        fixture.verify();
    }

    @Test
    void aConnectionOfAClientThatLeftInBetweenCloses() {
        get(bob, "Authorization", "negotiate YII");
        bob.close();
        answer(200);
        assertTrue(fixture.network.backends.get(0).closed());
        fixture.verify();
    }

    @ParameterizedTest
    @ValueSource(strings = {"HTTP_2", "HTTP_3"})
    void manyMayShareAConnectionOfLaterVersions(String version) {
        bob.protocol = Protocol.valueOf(version);
        get(bob);
        answer(401, "WWW-Authenticate", "Negotiate");
        assertTrue(fixture.network.backends.get(0).closed());
        fixture.verify();
    }

    @Test
    void otherSchemesBindNothing() {
        get(bob, "authorization", "Basic bnRsbQ==");
        answer(401, "www-authenticate", "Basic realm=\"ntlm\"", "x-www-authenticate", "NTLM");
        assertEquals(1, fixture.idle());
        bob.close();
        assertEquals(1, fixture.idle());
        fixture.verify();
    }

    private void get(MuxClient client, String... fields) {
        client.open("GET", "/to/" + ++requests, 0, false, fields);
    }

    private void answer(int status, String... fields) {
        MuxBackendStream backend = fixture.backend();
        backend.respond(status, 0, true, fields);
    }
}
