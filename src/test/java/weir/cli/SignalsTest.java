package weir.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import weir.testing.Signal;

final class SignalsTest {
    @Test
    void runsTheActionEachTimeTheSignalComes() throws Exception {
        Semaphore received = new Semaphore(0);
        Signals.handle("USR1", received::release); // a JVM started by nohup leaves HUP ignored
        for (int i = 0; i < 3; i++) {
            Signal.send("USR1", ProcessHandle.current().pid());
            assertTrue(received.tryAcquire(10, TimeUnit.SECONDS));
        }
    }

    @Test
    void refusesSignalsThatDoNotExistOrBelongToTheJvm() {
        assertEquals(
                "Unknown signal: NONE",
                assertThrows(IllegalArgumentException.class, () -> Signals.handle("NONE", () -> {}))
                        .getMessage());
        assertThrows(IllegalArgumentException.class, () -> Signals.handle("SEGV", () -> {}));
    }
}
