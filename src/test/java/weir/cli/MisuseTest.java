package weir.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Command;

final class MisuseTest {
    private final StringWriter err = new StringWriter();

    @Command(name = "weir", mixinStandardHelpOptions = true, synopsisSubcommandLabel = "COMMAND")
    private static final class Top {}

    @Test
    void suggestsTheCommandThatWasMeant() {
        assertEquals(2, run("chek"));
        assertEquals(
                "weir: unknown command: chek (expected: check; did you mean check?)\nHelp: weir --help\n",
                err.toString());
    }

    @Test
    void suggestsTheOptionThatWasMeant() {
        assertEquals(2, run("check", "--hlep"));
        assertTrue(err.toString().startsWith("weir: unknown option: --hlep (expected: "), err.toString());
        assertTrue(err.toString().endsWith("; did you mean --help?)\nHelp: weir check --help\n"), err.toString());
    }

    @Test
    void refusesArgumentsTooMany() {
        assertEquals(2, run("check", "a.yaml", "b.yaml"));
        assertEquals("weir: unexpected argument: b.yaml\nHelp: weir check --help\n", err.toString());
    }

    @Test
    void showsTheHelpWhereNoCommandIsNamed() {
        assertEquals(2, run());
        assertTrue(err.toString().startsWith("Usage: weir "), err.toString());
    }

    private int run(String... args) {
        CommandLine commandLine = new CommandLine(new Top()).addSubcommand(new CheckCommand(name -> {
            throw new java.io.IOException(name);
        }));
        commandLine.setParameterExceptionHandler(new Misuse());
        commandLine.setErr(new PrintWriter(err, true));
        return commandLine.execute(args);
    }
}
