package weir;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import weir.cli.Signals;
import weir.cli.UnreadableFile;
import weir.config.ConfigurationReader;
import weir.config.Problem;
import weir.config.Reading;

/** {@code weir run}: the proxy itself, until a signal ends it. */
@Command(
        name = "run",
        description = "Runs the proxy. A changed file or SIGHUP reloads; SIGTERM or Ctrl-C drains and stops.",
        mixinStandardHelpOptions = true)
final class RunCommand implements Callable<Integer> {
    @Option(
            names = {"-c", "--config"},
            paramLabel = "FILE",
            description = "The configuration (default: ${DEFAULT-VALUE}).",
            defaultValue = "config.yaml")
    private Path config = Path.of("config.yaml");

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws InterruptedException {
        return run(config, spec.commandLine().getErr(), () -> {});
    }

    /** Runs until a signal; {@code started} is called when the sockets are bound. Returns the exit code. */
    static int run(Path file, PrintWriter err, Runnable started) throws InterruptedException {
        Reading reading;
        try {
            reading = ConfigurationReader.read(file, System.getenv());
        } catch (IOException e) {
            err.println("weir: " + UnreadableFile.line(file, e));
            err.flush();
            return 1;
        }
        Weir weir;
        try {
            if (reading.configuration() == null) {
                for (Problem problem : reading.problems()) {
                    err.println(problem);
                }
                err.flush();
                return 2;
            }
            DataPlane.check(reading.configuration());
            weir = Weir.start(file, reading.configuration());
        } catch (IllegalArgumentException e) {
            err.println(e.getMessage());
            err.flush();
            return 2;
        } catch (IOException e) {
            err.println("weir: " + e.getMessage());
            err.flush();
            return 1;
        }
        handleSignals(weir);
        started.run();
        weir.awaitStop();
        return 0;
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
