package weir;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.TypeConversionException;
import weir.cli.CheckCommand;
import weir.cli.ExplainCommand;
import weir.cli.Misuse;
import weir.cli.SchemaCommand;
import weir.cli.ServicesCommand;
import weir.cli.VersionCommand;
import weir.config.FailureText;
import weir.config.UnreadableFile;
import weir.listener.Transport;

/** The command line {@code weir COMMAND}. Exit codes: 0 good, 1 run-time failure, 2 bad configuration or usage. */
@Command(
        name = "weir",
        description = "A reverse-proxy load balancer.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        footer = {
            "",
            "Begin with `weir demo`. Each command has more to say: `weir run --help`.",
            "Exit codes: 0 good; 1 it failed, as with a port in use; 2 bad configuration or usage."
        })
public final class Main {
    private static final int HELP_WIDTH = 100;

    private Main() {}

    /** Runs one command and exits with its code. */
    public static void main(String[] args) {
        // Netty's events for the flight recorder: to have them loads the recorder, which is a third of the start.
        System.getProperties().putIfAbsent("io.netty.jfr.enabled", "false");
        // Netty looks for leaked buffers in one of 128: a stack trace each, a hundredth of what a request costs. The
        // tests look at every buffer.
        System.getProperties().putIfAbsent("io.netty.leakDetection.level", "disabled");
        // Part of the names that Netty gives channels: else it looks for a network card and warns where there is none.
        System.getProperties().putIfAbsent("io.netty.machineId", "02:00:00:ff:fe:00:00:00");
        String plain = plainRun(args);
        if (plain != null) {
            ProcessEnd.end(run(plain));
        }
        CommandLine commandLine = commandLine();
        int exitCode = written(commandLine.execute(args));
        if (commandLine.getSubcommands().get("run").getExecutionResult() != null) {
            ProcessEnd.end(exitCode);
        }
        System.exit(exitCode);
    }

    /** The exit code of a command, but 1 when what it printed could not be written, as to a full disk. */
    private static int written(int exitCode) {
        if (System.out.checkError() && exitCode == 0) {
            System.err.println("weir: cannot write to standard output");
            return 1;
        }
        return exitCode;
    }

    private static int run(String config) {
        PrintWriter err = new PrintWriter(System.err, true);
        try {
            return RunCommand.run(config, err, weir -> {});
        } catch (InterruptedException | RuntimeException failure) {
            return failed(err, failure);
        }
    }

    private static Path path(String name) {
        try {
            return UnreadableFile.path(name);
        } catch (IOException e) {
            throw new TypeConversionException(e.getMessage());
        }
    }

    private static int failed(PrintWriter err, Exception failure) {
        err.println("weir: " + FailureText.of(failure));
        boolean environment = failure instanceof IOException
                || failure instanceof UncheckedIOException
                || failure instanceof InvalidPathException
                || failure instanceof InterruptedException;
        if (!environment) {
            failure.printStackTrace(err); // a bug
        }
        return 1;
    }

    /**
     * The configuration that {@code run} is given in its usual forms; null for everything else. Picocli is left out of these: it
     * is a third of the main thread's work until the sockets are bound, as no class-data archive takes its Java 5 classes.
     */
    static @Nullable String plainRun(String... args) {
        if (args.length == 1 && args[0].equals("run")) {
            return RunCommand.CONFIG;
        }
        boolean named = args.length == 3
                && args[0].equals("run")
                && (args[1].equals("--config") || args[1].equals("-c"))
                && !args[2].isEmpty()
                && "-@".indexOf(args[2].charAt(0)) < 0;
        return named ? args[2] : null;
    }

    /** All commands. */
    static CommandLine commandLine() {
        CommandLine commandLine = new CommandLine(new Main())
                .addSubcommand(new RunCommand())
                .addSubcommand(new CheckCommand(name -> Sources.of(name, System.getenv())))
                .addSubcommand(new DemoCommand())
                .addSubcommand(new ExplainCommand(name -> Sources.unchecked(name, System.getenv())))
                .addSubcommand(new ServicesCommand())
                .addSubcommand(new SchemaCommand())
                .addSubcommand(new WarmUpCommand())
                .addSubcommand(new VersionCommand(() -> Transport.choose("auto").name()))
                .addSubcommand(new HelpCommand());
        commandLine.registerConverter(Path.class, Main::path);
        commandLine.setExecutionExceptionHandler((failure, command, result) -> failed(command.getErr(), failure));
        commandLine.setParameterExceptionHandler(new Misuse());
        commandLine.setUsageHelpWidth(HELP_WIDTH);
        IVersionProvider version = () -> new String[] {"weir " + VersionCommand.weir()};
        commandLine.getCommandSpec().versionProvider(version);
        commandLine
                .getSubcommands()
                .values()
                .forEach(each -> each.getCommandSpec().versionProvider(version));
        return commandLine;
    }
}
