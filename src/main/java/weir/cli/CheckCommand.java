package weir.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import weir.config.ConfigurationSource;
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
    private final Sources sources;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(
            arity = "0..1",
            paramLabel = "FILE",
            defaultValue = "config.yaml",
            description = "A file, or consul:KEY. Default: config.yaml")
    private String file = "config.yaml";

    /** Finds what is to be checked. */
    @FunctionalInterface
    public interface Sources {
        /** The file, or the key in Consul, of that name. */
        ConfigurationSource find(String name) throws IOException;
    }

    /** Checks what is found there. */
    public CheckCommand(Sources sources) {
        this.sources = sources;
    }

    @Override
    public Integer call() {
        PrintWriter err = spec.commandLine().getErr();
        Reading reading;
        try (ConfigurationSource source = sources.find(file)) {
            reading = source.read();
        } catch (IOException e) {
            err.println(e.getMessage());
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
