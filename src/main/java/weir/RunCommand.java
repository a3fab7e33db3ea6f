package weir;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import weir.cli.Signals;
import weir.config.Configuration;
import weir.config.ConfigurationSource;

/** {@code weir run}: the proxy itself, until a signal ends it. */
@Command(
        name = "run",
        description = "Runs the proxy. A changed file or SIGHUP reloads; SIGTERM or Ctrl-C drains and stops.",
        mixinStandardHelpOptions = true)
final class RunCommand implements Callable<Integer> {
    static final String CONFIG = "config.yaml";

    @Option(
            names = {"-c", "--config"},
            paramLabel = "FILE",
            description = "The configuration: a file, or consul:KEY (default: ${DEFAULT-VALUE}).",
            defaultValue = CONFIG)
    private String config = CONFIG;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws InterruptedException {
        return run(config, spec.commandLine().getErr(), weir -> {});
    }

    /** Runs until a signal; {@code started} is called when the sockets are bound. Returns the exit code. */
    static int run(String config, PrintWriter err, Consumer<Weir> started) throws InterruptedException {
        Weir weir;
        try {
            ConfigurationSource source = Sources.of(config, System.getenv());
            Sources.Beginning beginning = Sources.begin(source);
            Configuration configuration = beginning.configuration();
            if (configuration == null) {
                return refused(err, String.join(System.lineSeparator(), beginning.problems()));
            }
            try {
                DataPlane.check(configuration);
            } catch (IllegalArgumentException e) {
                return refused(err, e.getMessage());
            }
            weir = Weir.start(source, configuration, beginning.problems());
        } catch (IOException e) {
            err.println("weir: " + e.getMessage());
            err.flush();
            return 1;
        }
        handleSignals(weir);
        started.accept(weir);
        weir.awaitStop();
        return 0;
    }

    private static int refused(PrintWriter err, @Nullable String problems) {
        err.println(problems);
        err.flush();
        return 2;
    }

    private static void handleSignals(Weir weir) {
        AtomicInteger stops = new AtomicInteger();
        Runnable stop = () -> {
            if (stops.incrementAndGet() > 1) {
                Runtime.getRuntime().halt(130);
            }
            weir.stop();
        };
        Signals.handle("TERM", stop);
        Signals.handle("INT", stop);
        Signals.handle("HUP", () -> weir.reload("SIGHUP"));
        Signals.handle("USR1", weir::reopenLogs);
    }
}
