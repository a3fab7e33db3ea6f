package weir.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.netty.channel.uring.IoUring;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
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
