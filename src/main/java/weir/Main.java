package weir;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import weir.cli.CheckCommand;
import weir.cli.ExplainCommand;
import weir.cli.Misuse;
import weir.cli.SchemaCommand;
import weir.cli.ServicesCommand;
import weir.cli.VersionCommand;
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
        System.exit(commandLine().execute(args));
    }

    /** All commands. */
    static CommandLine commandLine() {
        CommandLine commandLine = new CommandLine(new Main())
                .addSubcommand(new RunCommand())
                .addSubcommand(new CheckCommand(name -> Sources.of(name, System.getenv())))
                .addSubcommand(new DemoCommand())
                .addSubcommand(new ExplainCommand())
                .addSubcommand(new ServicesCommand())
                .addSubcommand(new SchemaCommand())
                .addSubcommand(new VersionCommand(() -> Transport.choose("auto").name()));
        commandLine.setExecutionExceptionHandler((failure, command, result) -> {
            command.getErr().println("weir: " + failure);
            return 1;
        });
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
