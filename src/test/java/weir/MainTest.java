package weir;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class MainTest {
    @Test
    void runsWithoutPicocliWhenPlainlyAsked() {
        assertEquals("config.yaml", Main.plainRun("run"));
        assertEquals("a b.yaml", Main.plainRun("run", "--config", "a b.yaml"));
        assertEquals("/x", Main.plainRun("run", "-c", "/x"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "check",
                "run --help",
                "run --config",
                "run --config=x",
                "run --config @x",
                "run -c -x",
                "run x y"
            })
    void leavesTheRestToPicocli(String words) {
        assertNull(Main.plainRun(words.split(" ")));
    }

    @Test
    void hidesWarmUp() {
        assertFalse(Main.commandLine().getUsageMessage().contains("warm-up"));
    }
}
