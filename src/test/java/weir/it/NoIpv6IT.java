package weir.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.http.HttpResponse;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import weir.testing.RawClient;
import weir.testing.WeirLaunch;
import weir.testing.WeirProcess;

/** A machine without IPv6, as Java sees one: what needs it fails with a reason in words, and the rest goes on. */
@Timeout(60)
final class NoIpv6IT {
    private static final String REASON =
            "this kind of address is not available on this machine (is IPv6 switched off?)";

    private static WeirLaunch launch(String transport, String yaml) {
        return new WeirLaunch(yaml).flags("-Djava.net.preferIPv4Stack=true", "-Dweir.transport=" + transport);
    }

    @ParameterizedTest
    @ValueSource(strings = {"io_uring", "epoll", "nio"})
    void refusesToStartWithAReasonAndTheEnvironmentsExitCode(String transport) throws Exception {
        for (String address : new String[] {"[::1]:0", "[::]:0"}) {
            try (WeirProcess weir = launch(transport, "listeners: {web: {address: \"" + address + "\"}}\n")
                    .startUnready()) {
                assertEquals(1, weir.awaitExit());
                assertEquals(
                        "weir: listener web: cannot listen on " + address + ": " + REASON,
                        weir.stderrText().lines().reduce((a, b) -> b).orElse(""));
            }
        }
        try (WeirProcess weir =
                launch(transport, "admin: {address: \"[::1]:0\"}\n").startUnready()) {
            assertEquals(1, weir.awaitExit());
            assertTrue(weir.stderrText().contains("weir: admin.address [::1]:0: " + REASON), weir::stderrText);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"io_uring", "epoll", "nio"})
    void refusesAReloadAndFailsChecksAndRequestsWithoutABug(String transport) throws Exception {
        String yaml = """
                routes: [{path: /, service: six}]
                services:
                  six:
                    backends: ["[::1]:9"]
                    health-check: {type: tcp, interval: 100ms}
                """;
        try (WeirProcess weir = launch(transport, yaml).start()) {
            try (RawClient client = RawClient.connect(weir.port())) {
                client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
                assertTrue(client.read().status() >= 502);
            }
            weir.awaitState("six", 9, "unhealthy");
            String why = weir.backend("six", 9).toString();
            assertTrue(why.contains("cannot connect: ") && !why.contains("null\""), why);

            weir.rewrite("listeners: {web: {address: \"127.0.0.1:0\"}, more: {address: \"[::1]:0\"}}\n" + yaml);
            HttpResponse<String> refused = weir.admin("POST", "/api/reload");
            assertEquals(422, refused.statusCode(), refused.body());
            assertTrue(refused.body().contains(REASON), refused.body());
            assertFalse(weir.stderrText().contains("null"), weir::stderrText);
        }
    }
}
