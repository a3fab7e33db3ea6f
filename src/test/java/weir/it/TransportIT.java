package weir.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.netty.channel.uring.IoUring;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import weir.testing.Await;
import weir.testing.Load;
import weir.testing.RawClient;
import weir.testing.ScriptedBackend;
import weir.testing.WeirLaunch;
import weir.testing.WeirProcess;

/** The three ways to talk to the kernel, and the way from one to the next. */
@Timeout(60)
final class TransportIT {
    private static WeirLaunch launch(ScriptedBackend backend) {
        return new WeirLaunch("""
                routes: [{path: /, service: app}]
                services: {app: {backends: [%s]}}
                """.formatted(backend.address())).threads(2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"nio", "epoll", "io_uring"})
    void servesOnEveryTransport(String transport) throws Exception {
        assumeTrue(!transport.equals("io_uring") || IoUring.isAvailable(), "this kernel forbids io_uring");
        try (ScriptedBackend backend = ScriptedBackend.saying("ok");
                WeirProcess weir =
                        launch(backend).flags("-Dweir.transport=" + transport).start()) {
            String ready = weir.awaitStderr("ready in ");
            assertTrue(ready.contains(" on " + transport), ready);
            Load load = Load.start(weir.port(), "/" + transport, 4);
            load.awaitMore(400);
            load.finish();
            assertEquals(List.of(), load.failures());
            String body = "x".repeat(100_000);
            String request = "POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 100000\r\n\r\n" + body;
            assertEquals(200, RawClient.exchange(weir.port(), request).status());
        }
    }

    /** Many clients and many moments: what is missed is a reset that comes while bytes are being read. */
    @ParameterizedTest
    @ValueSource(strings = {"nio", "epoll", "io_uring"})
    void missesNoResetWhileARequestIsUnderWay(String transport) throws Exception {
        assumeTrue(!transport.equals("io_uring") || IoUring.isAvailable(), "this kernel forbids io_uring");
        try (ScriptedBackend backend = ScriptedBackend.start(connection -> {
                    connection.readHead();
                    connection.readToEnd();
                });
                WeirProcess weir =
                        launch(backend).flags("-Dweir.transport=" + transport).start()) {
            for (int i = 0; i < 300; i++) {
                RawClient client = RawClient.connect(weir.port());
                client.send("POST /%d HTTP/1.1\r\nHost: a.test\r\nContent-Length: 10\r\n\r\nhalf".formatted(i));
                LockSupport.parkNanos(i * 20_000L);
                client.reset();
            }
            Await.until(
                    () -> weir.admin("GET", "/metrics").body().contains("\nweir_requests_in_flight 0\n"),
                    () -> "exchanges of clients that are gone go on");
            assertEquals(
                    Set.of("client-gone"),
                    weir.accessLog().stream()
                            .map(line -> line.get("why").getAsString())
                            .collect(Collectors.toSet()));
        }
    }

    @Test
    void fallsBackToWhatTheMachineAllowsAndSaysSoOnce() throws Exception {
        try (ScriptedBackend backend = ScriptedBackend.saying("ok");
                WeirProcess weir = launch(backend)
                        .flags("-Dio.netty.transport.noNative=true")
                        .start()) {
            String ready = weir.awaitStderr("ready in ");
            assertTrue(ready.contains(" on nio (no io_uring"), ready);
            assertTrue(ready.contains("no epoll"), ready);
            assertEquals(200, RawClient.get(weir.port(), "/").status());
            assertEquals(
                    1,
                    weir.stderrText()
                            .lines()
                            .filter(l -> l.contains("io_uring"))
                            .count());
        }
    }
}
