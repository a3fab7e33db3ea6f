package weir.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;
import weir.config.Schema;

/** {@code schema}: prints the JSON Schema of the configuration, for editors. */
@Command(name = "schema", mixinStandardHelpOptions = true, description = "Prints the JSON Schema of the configuration.")
public final class SchemaCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
        spec.commandLine().getOut().println(Schema.json());
        return 0;
    }
}
