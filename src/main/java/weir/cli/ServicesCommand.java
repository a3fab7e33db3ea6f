package weir.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Arrays;
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

    private AdminConnection connection() throws IOException {
        try {
            return admin.connection(environment);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
        }
    }

    private static String text(Listing listing) {
        boolean consul =
                listing.services().stream().flatMap(s -> s.backends().stream()).anyMatch(b -> b.id() != null);
        List<String> titles = new ArrayList<>(List.of(
                "SERVICE",
                "BACKEND",
                "STATE",
                "WEIGHT",
                "IN-FLIGHT",
                "CONNECTIONS",
                "REQUESTS",
                "ERRORS",
                "LATENCY",
                "WHY"));
        if (consul) {
            titles.addAll(titles.size() - 1, List.of("ID", "VERSION", "TAGS"));
        }
        Table table = new Table(titles.toArray(String[]::new));
        StringBuilder notes = new StringBuilder();
        for (ServiceStatus s : listing.services()) {
            for (BackendStatus b : s.backends()) {
                row(table, s, b, consul);
            }
            if (s.backends().isEmpty()) {
                Object[] empty = new Object[titles.size()];
                Arrays.fill(empty, "");
                empty[0] = s.name();
                empty[1] = "-";
                empty[2] = "no backends";
                table.row(empty);
            }
            ServiceStatus.Discovery discovery = s.discovery();
            if (discovery != null && discovery.problem() != null) {
                notes.append(Reply.printable(s.name()))
                        .append(": ")
                        .append(Reply.printable(discovery.source()))
                        .append(
                                discovery.ageSeconds() == null
                                        ? " never answered"
                                        : " last answered " + Math.round(discovery.ageSeconds()) + " s ago")
                        .append(discovery.stale() ? " (stale): " : ": ")
                        .append(Reply.printable(discovery.problem()))
                        .append('\n');
            }
            if (discovery != null && discovery.held() > 0) {
                notes.append(Reply.printable(s.name()))
                        .append(": ")
                        .append(discovery.held())
                        .append(" backends are gone from ")
                        .append(Reply.printable(discovery.source()))
                        .append(" and held for now\n");
            }
            if (s.panic()) {
                notes.append(Reply.printable(s.name()))
                        .append(": no backend is available, so the ejected ones are picked\n");
            }
        }
        return table.text("") + notes;
    }

    private static void row(Table table, ServiceStatus s, BackendStatus b, boolean consul) {
        List<Object> cells = new ArrayList<>(List.of(
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
                        .collect(Collectors.joining("; "))));
        if (consul) {
            cells.addAll(
                    cells.size() - 1,
                    List.of(
                            b.id() == null ? "-" : b.id(),
                            b.version() == null ? "-" : b.version(),
                            String.join(",", b.tags())));
        }
        table.row(cells.toArray());
    }
}
