package weir.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import weir.testing.LeakingMain;
import weir.testing.RawClient;
import weir.testing.WeirLaunch;
import weir.testing.WeirProcess;

/** The alarm that every other test here relies on: a Weir that leaks makes its test fail. */
@Timeout(60)
final class LeakIT {
    @Test
    @SuppressWarnings("try") // closing is what is tested
    void noticesALeakWhenAProcessIsClosed() throws Exception {
        WeirProcess leaking = new WeirLaunch("routes: [{path: /, respond: 200}]")
                .main(LeakingMain.class)
                .start();
        assertEquals(200, RawClient.get(leaking.port(), "/").status());
        AssertionError alarm = assertThrows(AssertionError.class, leaking::close);
        assertTrue(String.valueOf(alarm.getMessage()).contains("LEAK:"), alarm::getMessage);
    }

    @Test
    void findsNothingWhereNothingLeaks() throws Exception {
        try (WeirProcess weir = WeirProcess.start("routes: [{path: /, respond: 200}]")) {
            assertEquals(200, RawClient.get(weir.port(), "/").status());
            weir.assertNoLeak();
        }
    }
}
