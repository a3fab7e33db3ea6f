package weir;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

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
    void namesEveryCommandInItsHelp() {
        String help = Main.commandLine().getUsageMessage();
        for (String command : Main.commandLine().getSubcommands().keySet()) {
            assertTrue(help.contains("\n  " + command + " "), command);
        }
        assertTrue(Main.commandLine().getSubcommands().containsKey("help"));
    }
}
