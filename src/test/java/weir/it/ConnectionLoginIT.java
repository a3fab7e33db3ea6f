package weir.it;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import weir.testing.Await;
import weir.testing.Http2Client;
import weir.testing.RawClient;
import weir.testing.ScriptedBackend;
import weir.testing.WeirProcess;
import weir.testing.WithWeir;

/** A backend that knows its user by the connection tells nobody else that he is that user. */
@WithWeir
@Timeout(60)
final class ConnectionLoginIT {
    private static final String CHALLENGE =
            "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: NTLM TlRM\r\nContent-Length: 6\r\n\r\nnobody";

    private final WeirProcess weir;

    ConnectionLoginIT(WeirProcess weir) {
        this.weir = weir;
    }

    /** Logs a connection in in two steps, and believes it from then on. */
    private static ScriptedBackend ntlm() throws IOException {
        return ScriptedBackend.start(connection -> {
            String user = null;
            for (String head = connection.readRequest(); head != null; head = connection.readRequest()) {
                if (head.contains("uthorization: NTLM bob")) {
                    user = "bob";
                }
                connection.send(user == null ? CHALLENGE : ScriptedBackend.ok(user));
            }
        });
    }

    @Test
    void aLoginStaysWithItsClient() throws Exception {
        try (ScriptedBackend one = ntlm();
                ScriptedBackend two = ntlm()) {
            weir.use("""
                    routes: [{path: /, service: app}]
                    services: {app: {backends: ["%s", "%s"]}}
                    """.formatted(one.address(), two.address()));
            List<RawClient> bobs = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                RawClient bob = RawClient.connect(weir.port());
                bobs.add(bob);
                assertEquals("nobody", get(bob, ""));
                assertEquals("bob", get(bob, "Authorization: NTLM bob\r\n"));
                assertEquals("bob", get(bob, ""), "the connection remembers him");
            }
            for (int i = 0; i < 20; i++) {
                assertEquals("nobody", RawClient.get(weir.port(), "/stranger").body());
            }
            try (Http2Client stranger = Http2Client.connect(weir.port())) {
                stranger.send(stranger.frames.get(1, "/"));
                assertEquals("nobody", stranger.response(1).body());
                stranger.send(stranger.frames.get(3, "/"));
                assertEquals("nobody", stranger.response(3).body());
            }
            for (RawClient bob : bobs) {
                assertEquals("bob", get(bob, ""));
                bob.close();
            }
            Await.until(() -> one.open() + two.open() == 0, () -> "a connection outlives its client");
        }
    }

    private static String get(RawClient client, String fields) throws IOException {
        return client.send("GET / HTTP/1.1\r\nHost: a.test\r\n" + fields + "\r\n")
                .read()
                .body();
    }
}
