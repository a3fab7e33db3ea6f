package weir.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import weir.config.UnreadableFile;

/** The options of every command that asks a running process. Confined to the command's thread. */
final class AdminOptions {
    @Option(
            names = "--admin",
            paramLabel = "URL",
            description = "The running process, by its admin API: " + AdminConnection.DEFAULT_URL + " or another one.")
    private @Nullable String url;

    @Option(
            names = "--token-file",
            paramLabel = "FILE",
            description = "A file with the token of the admin API; else $" + AdminConnection.TOKEN_VARIABLE + ".")
    private @Nullable Path tokenFile;

    /** Whether a running process was named. */
    boolean given() {
        return url != null;
    }

    /**
     * The connection to the process that was named, else to the default one.
     *
     * @throws IllegalArgumentException when the URL is none
     * @throws IOException when the environment names a file that cannot be
     */
    AdminConnection connection(Map<String, String> environment) throws IOException {
        String variable = environment.get(AdminConnection.TOKEN_VARIABLE);
        Path file = tokenFile;
        if (file == null && variable != null && !variable.isEmpty()) {
            file = UnreadableFile.path(variable);
        }
        return new AdminConnection(url == null ? AdminConnection.DEFAULT_URL : url, file);
    }
}
