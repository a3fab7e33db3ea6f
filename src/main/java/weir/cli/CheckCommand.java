package weir.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import weir.config.ConfigurationReader;
import weir.config.Problem;
import weir.config.Reading;

/**
 * {@code check [FILE]}: validates a configuration and prints every problem, one a line. Exits with 0 when there is
 * none, 2 when there are some, 1 when the file cannot be read.
 */
@Command(
        name = "check",
        mixinStandardHelpOptions = true,
        description = "Validates a configuration and prints every problem with file, line and column.")
public final class CheckCommand implements Callable<Integer> {
    private final Map<String, String> environment;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(
            arity = "0..1",
            paramLabel = "FILE",
            defaultValue = "config.yaml",
            description = "The configuration (default: ${DEFAULT-VALUE}).")
    private Path file = Path.of("config.yaml");

    /** Takes the variables of the process. */
    public CheckCommand() {
        this(System.getenv());
    }

    CheckCommand(Map<String, String> environment) {
        this.environment = environment;
    }

    @Override
    public Integer call() {
        PrintWriter err = spec.commandLine().getErr();
        Reading reading;
        try {
            reading = ConfigurationReader.read(file, environment);
        } catch (IOException e) {
            err.println(UnreadableFile.line(file, e));
            return 1;
        }
        for (Problem problem : reading.problems()) {
            err.println(problem);
        }
        if (!reading.good()) {
            return 2;
        }
        spec.commandLine().getOut().println(file + ": ok");
        return 0;
    }
}
