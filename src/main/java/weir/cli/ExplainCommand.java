package weir.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import weir.admin.AdminJson;
import weir.admin.ExplainRequest;
import weir.admin.Explanation;
import weir.admin.RequestField;
import weir.config.ConfigurationSource;

/**
 * {@code explain METHOD URL}: which route and service a request would take, and which backends may be picked. Asks a
 * running process with {@code --admin}, else reads the configuration, whose backends nobody knows the state of. Exits
 * with 0 when a route takes the request, 1 when none does or a process or file cannot be read, 2 when the
 * configuration or the request is wrong.
 */
@Command(
        name = "explain",
        mixinStandardHelpOptions = true,
        description = "Says which route and service a request would take, and which backends may be picked.")
public final class ExplainCommand implements Callable<Integer> {
    private final CheckCommand.Sources sources;
    private final Map<String, String> environment;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private AdminOptions admin = new AdminOptions();

    @Option(
            names = {"-c", "--config"},
            paramLabel = "FILE",
            description =
                    "The configuration to ask where no process is asked, a file or consul:KEY (default: config.yaml).")
    private @Nullable String config;

    @Option(
            names = {"-H", "--header"},
            paramLabel = "'name: value'",
            description = "A field of the request; may be given again.")
    private List<String> headers = new ArrayList<>();

    @Option(names = "--json", description = "Prints the answer as JSON.")
    private boolean json;

    @Parameters(index = "0", paramLabel = "METHOD", description = "Such as GET.")
    private String method = "";

    @Parameters(index = "1", paramLabel = "URL", description = "http://host/path, or /path for a request without Host.")
    private String url = "";

    /** Reads what is found there; takes the variables of the process. */
    public ExplainCommand(CheckCommand.Sources sources) {
        this(sources, System.getenv());
    }

    ExplainCommand(CheckCommand.Sources sources, Map<String, String> environment) {
        this.sources = sources;
        this.environment = environment;
    }

    @Override
    public Integer call() {
        if (admin.given() && config != null) {
            throw usage("--config and --admin: a file or a running process (expected: one of them)");
        }
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        try {
            Explanation explanation = admin.given() ? ask(request()) : read(request());
            out.print(json ? AdminJson.write(explanation) + '\n' : ExplanationText.of(explanation, admin.given()));
            out.flush();
            return explanation.route() != null ? 0 : 1;
        } catch (OfflineExplanation.BadConfiguration e) {
            e.problems().forEach(err::println);
            return 2;
        } catch (IllegalArgumentException e) {
            throw usage(String.valueOf(e.getMessage()));
        } catch (IOException e) {
            err.println(e.getMessage());
            return 1;
        }
    }

    private ExplainRequest request() {
        return ExplainRequest.of(
                method, url, headers.stream().map(RequestField::of).toList());
    }

    private Explanation ask(ExplainRequest checked) throws IOException {
        StringBuilder path = new StringBuilder("/api/explain?method=")
                .append(encoded(checked.method()))
                .append("&url=")
                .append(encoded(url));
        for (String header : headers) {
            path.append("&header=").append(encoded(header));
        }
        return Reply.read(admin.connection(environment).get(path.toString()), Explanation.class);
    }

    private Explanation read(ExplainRequest request) throws IOException, OfflineExplanation.BadConfiguration {
        try (ConfigurationSource source = sources.find(config == null ? "config.yaml" : config)) {
            return OfflineExplanation.of(source.read(), request);
        }
    }

    private ParameterException usage(String message) {
        return new ParameterException(spec.commandLine(), message);
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
