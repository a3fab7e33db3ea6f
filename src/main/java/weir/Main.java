package weir;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import weir.cli.CheckCommand;
import weir.cli.ExplainCommand;
import weir.cli.SchemaCommand;
import weir.cli.ServicesCommand;
import weir.cli.VersionCommand;
import weir.listener.Transport;

/** The command line {@code weir COMMAND}. Exit codes: 0 good, 1 run-time failure, 2 bad configuration or usage. */
@Command(
        name = "weir",
        description = "A reverse-proxy load balancer.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND")
public final class Main {
    private Main() {}

    /** Runs one command and exits with its code. */
    public static void main(String[] args) {
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
        System.exit(commandLine.execute(args));
    }
}
