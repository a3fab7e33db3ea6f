package weir.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import weir.admin.BackendStatus;
import weir.admin.ServiceStatus;

/**
 * {@code services}: the services and backends of a running process. Exits with 0, with 1 when the process cannot be
 * asked.
 */
@Command(
        name = "services",
        mixinStandardHelpOptions = true,
        description = "Shows the services and backends of a running process.")
public final class ServicesCommand implements Callable<Integer> {
    private final Map<String, String> environment;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private AdminOptions admin = new AdminOptions();

    @Option(names = "--json", description = "Prints what the admin API answers, as it is.")
    private boolean json;

    /** Takes the variables of the process. */
    public ServicesCommand() {
        this(System.getenv());
    }

    ServicesCommand(Map<String, String> environment) {
        this.environment = environment;
    }

    private record Listing(List<ServiceStatus> services) {
        Listing {
            services = List.copyOf(services);
        }
    }

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        try {
            String body = connection().get("/api/services");
            out.print(json ? body : text(Reply.read(body, Listing.class)));
            out.flush();
            return 0;
        } catch (IOException e) {
            spec.commandLine().getErr().println(e.getMessage());
            return 1;
        }
    }

    private AdminConnection connection() {
        try {
            return admin.connection(environment);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
        }
    }

    private static String text(Listing listing) {
        Table table = new Table(
                "SERVICE",
                "BACKEND",
                "STATE",
                "WEIGHT",
                "IN-FLIGHT",
                "CONNECTIONS",
                "REQUESTS",
                "ERRORS",
                "LATENCY",
                "WHY");
        StringBuilder notes = new StringBuilder();
        for (ServiceStatus s : listing.services()) {
            for (BackendStatus b : s.backends()) {
                row(table, s, b);
            }
            if (s.backends().isEmpty()) {
                table.row(s.name(), "-", "no backends", "", "", "", "", "", "", "");
            }
            if (s.panic()) {
                notes.append(Reply.printable(s.name()))
                        .append(": no backend is available, so the ejected ones are picked\n");
            }
        }
        return table.text("") + notes;
    }

    private static void row(Table table, ServiceStatus s, BackendStatus b) {
        table.row(
                s.name(),
                b.address(),
                b.state().equals(BackendStatus.AVAILABLE) && b.health().equals("unknown")
                        ? b.state() + " (unchecked)"
                        : b.state(),
                b.weightSet() ? b.weight() + " (set)" : b.weight(),
                b.inFlight(),
                b.connections(),
                b.requests(),
                b.errors(),
                b.latencyMs() == 0 ? "-" : String.format(Locale.ROOT, "%.1f ms", b.latencyMs()),
                b.reasons().stream()
                        .map(r -> r.reason().text() + ": " + r.why())
                        .collect(Collectors.joining("; ")));
    }
}
